package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

const root = "github.com/touchlift/touchlift"

// rootRequires is all that the root module may require directly: what stands
// here is in the build of every user.
var rootRequires = []string{
	"github.com/cespare/xxhash/v2", "github.com/stretchr/testify", "go.yaml.in/yaml/v4", "gonum.org/v1/gonum",
}

const goLine = "1.25.0"

// module is what go mod edit -json prints of a go.mod.
type module struct {
	Module    struct{ Path string }
	Go        string
	Toolchain string
	Require   []struct {
		Path, Version string
		Indirect      bool
	}
	Replace []struct {
		Old, New struct{ Path, Version string }
	}
	Tool []struct{ Path string }
}

func checkModule(found *breaches, folder string) error {
	var m module
	if err := goJSON(folder, &m, "mod", "edit", "-json"); err != nil {
		return err
	}
	file := filepath.Join(folder, "go.mod")
	if m.Go != goLine {
		found.add("%s: go %s, want go %s", file, m.Go, goLine)
	}
	if m.Toolchain != "" || len(m.Tool) > 0 {
		found.add("%s: has a toolchain or tool line", file)
	}
	var direct []string
	for _, r := range m.Require {
		if !r.Indirect {
			direct = append(direct, r.Path)
		}
	}
	slices.Sort(direct)
	if folder == "." {
		if !slices.Equal(direct, rootRequires) {
			found.add("%s: requires %v, want exactly %v", file, direct, rootRequires)
		}
		if len(m.Replace) > 0 {
			found.add("%s: has a replace line", file)
		}
		return nil
	}
	for _, r := range m.Require {
		if r.Path == root && !strings.HasPrefix(r.Version, "v0.") && !strings.HasPrefix(r.Version, "v1.") {
			found.add("%s: requires %s %s, want a version of the module", file, r.Path, r.Version)
		}
	}
	for _, r := range m.Replace {
		if !strings.HasPrefix(r.Old.Path, root) {
			found.add("%s: replaces %s, which is not ours", file, r.Old.Path)
		}
	}
	return checkGoLines(found, folder)
}

// checkGoLines finds dependencies that would raise the user's Go.
func checkGoLines(found *breaches, folder string) error {
	list, err := goCommand(folder, "list", "-m", "-f", "{{.Path}} {{.GoVersion}}", "all")
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(list)) {
		path, version, _ := strings.Cut(strings.TrimSpace(line), " ")
		var major, minor int
		if _, err := fmt.Sscanf(version, "%d.%d", &major, &minor); err == nil && (major > 1 || minor > 25) {
			found.add("%s: %s needs go %s, pin an older release", filepath.Join(folder, "go.mod"), path, version)
		}
	}
	return nil
}

// goCommand runs the go command in a folder, outside any workspace.
func goCommand(folder string, args ...string) ([]byte, error) {
	cmd := exec.Command("go", args...)
	cmd.Dir = folder
	cmd.Env = append(os.Environ(), "GOWORK=off")
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("rules: go %s in %s: %w\n%s", strings.Join(args, " "), folder, err, complaint.String())
	}
	return out, nil
}

func goJSON(folder string, into any, args ...string) error {
	out, err := goCommand(folder, args...)
	if err != nil {
		return err
	}
	return json.Unmarshal(out, into)
}
