// Renders a chart as Helm does, where there is no Helm: Go's templates with sprig, and the functions that Helm adds to them. It prints the manifests, or the
// notes. Helm's own checks of a chart's shape are not in it.
//
//	go run render.go CHART (manifests|notes) RELEASE NAMESPACE < overrides.yaml
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"sort"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig"
	"gopkg.in/yaml.v3"
)

type object = map[string]interface{}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// By way of JSON, as in Helm: every number is a floating-point number.
func parse(text []byte) object {
	var given interface{}
	must(yaml.Unmarshal(text, &given))
	plain, err := json.Marshal(given)
	must(err)
	read := object{}
	must(json.Unmarshal(plain, &read))
	return read
}

func readFile(parts ...string) []byte {
	text, err := os.ReadFile(filepath.Join(parts...))
	must(err)
	return text
}

// Overrides change single values of an object, and take one away by null.
func merge(values, overrides object) object {
	for key, given := range overrides {
		mine, isObject := values[key].(object)
		theirs, areBoth := given.(object)
		if given == nil {
			delete(values, key)
		} else if isObject && areBoth {
			values[key] = merge(mine, theirs)
		} else {
			values[key] = given
		}
	}
	return values
}

func functions(all *template.Template) template.FuncMap {
	known := sprig.TxtFuncMap()
	// A chart may not read the machine on which it is rendered.
	delete(known, "env")
	delete(known, "expandenv")
	include := func(name string, data interface{}) (string, error) {
		var made strings.Builder
		err := all.ExecuteTemplate(&made, name, data)
		return made.String(), err
	}
	known["include"] = include
	known["tpl"] = func(text string, data interface{}) (string, error) {
		one, err := all.New("tpl").Parse(text)
		if err != nil {
			return "", err
		}
		var made strings.Builder
		err = one.Execute(&made, data)
		return made.String(), err
	}
	known["required"] = func(message string, value interface{}) (interface{}, error) {
		if value == nil || value == "" {
			return nil, errors.New(message)
		}
		return value, nil
	}
	known["lookup"] = func(string, string, string, string) object { return object{} }
	known["toYaml"] = func(value interface{}) (string, error) {
		text, err := yaml.Marshal(value)
		return strings.TrimSuffix(string(text), "\n"), err
	}
	known["fromYaml"] = func(text string) (object, error) {
		read := object{}
		return read, yaml.Unmarshal([]byte(text), &read)
	}
	return known
}

func main() {
	chart, wanted := os.Args[1], os.Args[2]
	about := parse(readFile(chart, "Chart.yaml"))
	overrides, err := io.ReadAll(os.Stdin)
	must(err)
	data := object{
		"Values":       merge(parse(readFile(chart, "values.yaml")), parse(overrides)),
		"Chart":        object{"Name": about["name"], "Version": about["version"], "AppVersion": about["appVersion"]},
		"Release":      object{"Name": os.Args[3], "Namespace": os.Args[4], "Service": "Helm", "IsInstall": true, "IsUpgrade": false, "Revision": 1},
		"Capabilities": object{"KubeVersion": object{"Version": "v1.30.0", "Major": "1", "Minor": "30"}},
	}
	all := template.New("chart").Option("missingkey=zero")
	all.Funcs(functions(all))
	files, err := filepath.Glob(filepath.Join(chart, "templates", "*"))
	must(err)
	sort.Strings(files)
	for _, file := range files {
		_, err := all.New(path.Base(file)).Parse(string(readFile(file)))
		must(err)
	}
	for _, file := range files {
		name := path.Base(file)
		isNotes := name == "NOTES.txt"
		if strings.HasPrefix(name, "_") || isNotes != (wanted == "notes") {
			continue
		}
		var made strings.Builder
		must(all.ExecuteTemplate(&made, name, data))
		// As Helm shows what is missing: as nothing.
		fmt.Println("---\n" + strings.ReplaceAll(made.String(), "<no value>", ""))
	}
}
