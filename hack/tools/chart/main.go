// Prints the manifests of a chart as `helm template` does, with helm's own packages for charts and templates. It is built
// in a fraction of the time of helm, whose other packages are clients of clusters and registries. ChartRenderingIT compares
// the output of both.
package main

import (
	"fmt"
	"os"
	"path"
	"strings"

	"helm.sh/helm/v4/pkg/chart/common"
	"helm.sh/helm/v4/pkg/chart/common/util"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	chartutil "helm.sh/helm/v4/pkg/chart/v2/util"
	"helm.sh/helm/v4/pkg/engine"
	releaseutil "helm.sh/helm/v4/pkg/release/v1/util"
	"helm.sh/helm/v4/pkg/strvals"
)

const usage = "usage: render-chart RELEASE CHART --namespace NAMESPACE [--set KEY=VALUE[,KEY=VALUE...]]..."

func main() {
	if err := render(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func render(arguments []string) error {
	if len(arguments) < 2 || len(arguments)%2 != 0 {
		return fmt.Errorf("%s", usage)
	}
	release := common.ReleaseOptions{Name: arguments[0], Namespace: "default", Revision: 1, IsInstall: true}
	values := map[string]any{}
	for i := 2; i < len(arguments); i += 2 {
		switch value := arguments[i+1]; arguments[i] {
		case "--namespace":
			release.Namespace = value
		case "--set":
			if err := strvals.ParseInto(value, values); err != nil {
				return fmt.Errorf("--set %s: %w", value, err)
			}
		default:
			return fmt.Errorf("unknown option %s; %s", arguments[i], usage)
		}
	}
	chart, err := loader.Load(arguments[1])
	if err != nil {
		return err
	}
	if required := chart.Metadata.KubeVersion; required != "" {
		if version := common.DefaultCapabilities.KubeVersion; !chartutil.IsCompatibleRange(required, version.String()) {
			return fmt.Errorf("the chart requires Kubernetes %s, but this program renders it for %s", required, version)
		}
	}
	if err := chartutil.ProcessDependencies(chart, values); err != nil {
		return err
	}
	rendered, err := util.ToRenderValues(chart, values, release, common.DefaultCapabilities)
	if err != nil {
		return err
	}
	files, err := engine.Engine{}.Render(chart, rendered)
	if err != nil {
		return err
	}
	for name := range files {
		if path.Base(name) == "NOTES.txt" {
			delete(files, name)
		}
	}
	hooks, manifests, err := releaseutil.SortManifests(files, nil, releaseutil.InstallOrder)
	if err != nil {
		return err
	}
	var output strings.Builder
	for _, manifest := range manifests {
		fmt.Fprintf(&output, "---\n# Source: %s\n%s\n", manifest.Name, manifest.Content)
	}
	fmt.Println(strings.TrimSpace(output.String()))
	for _, hook := range hooks {
		fmt.Printf("---\n# Source: %s\n%s\n", hook.Path, hook.Manifest)
	}
	return nil
}
