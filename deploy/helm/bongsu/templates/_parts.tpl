{{- define "bongsu.name" -}}
{{ .Release.Name | trunc 50 | trimSuffix "-" }}
{{- end }}

{{- define "bongsu.selector" -}}
app.kubernetes.io/name: bongsu
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: {{ .Values.role }}
{{- end }}

{{- define "bongsu.labels" -}}
{{ include "bongsu.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- /* What must be there, each with its reason. Everything else about values is in values.schema.json. */ -}}
{{- define "bongsu.check" -}}
{{- $v := .Values -}}
{{- $_ := required "image.repository is missing: build the image from the Dockerfile of the sources, and name it here." $v.image.repository -}}
{{- $_ := required "url is missing: the public address of this release, such as https://talk.example.kr." $v.url -}}
{{- if and $v.ingress.enabled (not $v.trustedProxies) -}}
{{- fail "trustedProxies is missing: without the addresses of the ingress controller's pods everybody counts as one visitor, and one wrong password slows all." -}}
{{- end -}}
{{- if eq $v.role "server" -}}
{{- $_ := required "database.secret.name is missing: the Secret with the address of PostgreSQL. SQLite serves one process with a disk of its own, which is no case for this chart: see deploy/bongsu.service and deploy/compose.yml." $v.database.secret.name -}}
{{- else -}}
{{- $_ := required "messengerUrl is missing: the public address of the messenger, as people reach it." $v.messengerUrl -}}
{{- $_ := required "sentinelKey.secret.name is missing: the Secret with the key of the messenger's release." $v.sentinelKey.secret.name -}}
{{- end -}}
{{- $own := list "BONGSU_PORT" "BONGSU_HOST" "BONGSU_DATA" "BONGSU_DATABASE" "BONGSU_DATABASE_UNSAFE" "BONGSU_NATS" "BONGSU_NATS_CREDENTIALS" "BONGSU_ORIGINS" "BONGSU_TRUSTED_PROXIES" "BONGSU_SENTINEL_KEY" "BONGSU_STATUS_PORT" "BONGSU_STATUS_HOST" "BONGSU_STATUS_DATA" "BONGSU_STATUS_URL" "BONGSU_STATUS_SERVER" "BONGSU_STATUS_KEY_FILE" "BONGSU_STATUS_TRUSTED_PROXIES" -}}
{{- range $name := concat (keys $v.settings) (keys $v.secretSettings) -}}
{{- if has $name $own -}}
{{- fail (printf "settings.%s is set by the chart from a value of its own." $name) -}}
{{- end -}}
{{- end -}}
{{- end }}

{{- define "bongsu.secret" -}}
- name: {{ .env }}
  valueFrom:
    secretKeyRef:
      name: {{ .secret.name | quote }}
      key: {{ .secret.key | quote }}
{{- end }}

{{- define "bongsu.env" -}}
{{- $v := .Values -}}
{{- if eq $v.role "server" -}}
{{ include "bongsu.secret" (dict "env" "BONGSU_DATABASE" "secret" $v.database.secret) }}
- name: BONGSU_DATABASE_UNSAFE
  value: {{ $v.database.unsafe | quote }}
{{- if $v.nats.servers }}
- name: BONGSU_NATS
  value: {{ $v.nats.servers | join "," | quote }}
{{- if $v.nats.secret.name }}
{{ include "bongsu.secret" (dict "env" "BONGSU_NATS_CREDENTIALS" "secret" $v.nats.secret) }}
{{- end }}
{{- end }}
- name: BONGSU_ORIGINS
  value: {{ $v.url | quote }}
- name: BONGSU_TRUSTED_PROXIES
  value: {{ $v.trustedProxies | join "," | quote }}
{{- if $v.statusUrl }}
- name: BONGSU_STATUS_URL
  value: {{ $v.statusUrl | quote }}
{{- end }}
{{- else -}}
- name: BONGSU_STATUS_SERVER
  value: {{ $v.messengerUrl | quote }}
- name: BONGSU_STATUS_URL
  value: {{ $v.url | quote }}
- name: BONGSU_STATUS_TRUSTED_PROXIES
  value: {{ $v.trustedProxies | join "," | quote }}
# A folder that the program makes itself: readable by it alone, and without what file systems keep at their root.
- name: BONGSU_STATUS_DATA
  value: /var/lib/bongsu-sentinel/data
{{- end }}
{{- if $v.sentinelKey.secret.name }}
{{ include "bongsu.secret" (dict "env" "BONGSU_SENTINEL_KEY" "secret" $v.sentinelKey.secret) }}
{{- end }}
{{- range $env, $value := $v.settings }}
- name: {{ $env }}
  value: {{ $value | quote }}
{{- end }}
{{- range $env, $secret := $v.secretSettings }}
{{ include "bongsu.secret" (dict "env" $env "secret" $secret) }}
{{- end }}
{{- end }}

{{- define "bongsu.container" -}}
image: {{ printf "%s:%s" .Values.image.repository (.Values.image.tag | default .Chart.AppVersion) | quote }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
env:
  {{- include "bongsu.env" . | nindent 2 }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: { drop: [ALL] }
{{- end }}

{{- define "bongsu.pod" -}}
automountServiceAccountToken: false
# The variables for Services would look like settings: of a Service named bongsu, BONGSU_PORT.
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: { type: RuntimeDefault }
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . | quote }}
{{- end }}
{{- end }}

{{- define "bongsu.doctor" -}}
{{ include "bongsu.pod" . }}
restartPolicy: Never
containers:
  - name: doctor
    args: [doctor, --only, postgres{{ if .Values.nats.servers }}, --only, nats{{ end }}]
    {{- include "bongsu.container" . | nindent 4 }}
    volumeMounts:
      - { name: data, mountPath: /var/lib/bongsu }
volumes:
  - { name: data, emptyDir: {} }
{{- end }}
