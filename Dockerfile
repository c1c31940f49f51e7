# The release in a container, run by a user who is not root.
#
#   docker build -t bongsu .
#   docker run -p 127.0.0.1:8080:8080 -p 127.0.0.1:8090:8090 -v bongsu:/var/lib/bongsu -v bongsu-sentinel:/var/lib/bongsu-sentinel bongsu
#
# Settings are given with -e, as in .env.example. Behind a proxy set BONGSU_ORIGINS and BONGSU_TRUSTED_PROXIES.
# Better still: two containers, one with the command `server` and one with `sentinel`, on two machines.

# Any Node.js from 20 on can run npm, which brings the one that the release holds.
FROM node:22-bookworm-slim AS made
WORKDIR /src
COPY . .
# The time of every file in the release, so that the same sources make the same image; the checkout's history is not copied.
ARG SOURCE_DATE_EPOCH=0
RUN npm ci && npm run release -- --out /made
RUN mkdir /opt/bongsu && tar -xzf /made/bongsu-*.tar.gz --strip-components=1 -C /opt/bongsu

FROM debian:bookworm-slim
# libatomic1 is needed by Node.js; rsync brings the status page to another host (BONGSU_STATUS_RSYNC); certificates are for webhooks and mail.
RUN apt-get update \
  && apt-get install -y --no-install-recommends ca-certificates libatomic1 libstdc++6 rsync openssh-client \
  && rm -rf /var/lib/apt/lists/* \
  && useradd --system --no-create-home --home-dir /var/lib/bongsu --uid 10001 bongsu \
  && install -d -o bongsu -g bongsu -m 0700 /var/lib/bongsu /var/lib/bongsu-sentinel
COPY --from=made /opt/bongsu /opt/bongsu
USER bongsu
WORKDIR /var/lib/bongsu
ENV BONGSU_HOST=0.0.0.0 \
  BONGSU_DATA=/var/lib/bongsu \
  BONGSU_STATUS_HOST=0.0.0.0 \
  BONGSU_STATUS_DATA=/var/lib/bongsu-sentinel
VOLUME ["/var/lib/bongsu", "/var/lib/bongsu-sentinel"]
EXPOSE 8080 8090
# The messenger moves its devices before it ends.
STOPSIGNAL SIGTERM
ENTRYPOINT ["/opt/bongsu/bin/bongsu"]
CMD ["start"]
