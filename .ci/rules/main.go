// Command rules checks what the compiler does not: which package may import
// which, what the modules require, that every exported name is documented, and
// that files and functions stay short. It takes the root of the repository
// as its argument and prints every breach.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
)

// breaches collects what is found, so that one run shows all of it.
type breaches []string

func (b *breaches) add(format string, args ...any) { *b = append(*b, fmt.Sprintf(format, args...)) }

func main() {
	if len(os.Args) > 1 {
		if err := os.Chdir(os.Args[1]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	var found breaches
	modules, err := moduleFolders(".")
	if err != nil {
		return err
	}
	if err := checkTopLevel(&found); err != nil {
		return err
	}
	for _, folder := range modules {
		if err := checkModule(&found, folder); err != nil {
			return err
		}
		if err := checkImports(&found, folder); err != nil {
			return err
		}
	}
	if err := checkSources(&found, "."); err != nil {
		return err
	}
	sort.Strings(found)
	for _, breach := range found {
		fmt.Println(breach)
	}
	if len(found) > 0 {
		return fmt.Errorf("rules: %d broken", len(found))
	}
	fmt.Printf("rules: %d modules, all kept\n", len(modules))
	return nil
}

// moduleFolders finds every module but the one of the tools.
func moduleFolders(root string) ([]string, error) {
	var folders []string
	err := filepath.WalkDir(root, func(path string, entry os.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path != root && strings.HasPrefix(entry.Name(), "."):
			return filepath.SkipDir
		case entry.Name() == "go.mod":
			folders = append(folders, filepath.Dir(path))
		}
		return nil
	})
	return folders, err
}

// checkTopLevel keeps the first look at the repository short.
func checkTopLevel(found *breaches) error {
	allowed := map[string]bool{
		"assign": true, "experiment": true, "stats": true, "examples": true,
		"go.mod": true, "go.sum": true, "README.md": true, "LICENSE": true,
	}
	entries, err := os.ReadDir(".")
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if name := entry.Name(); !allowed[name] && !strings.HasPrefix(name, ".") {
			found.add("%s: not at the top level", name)
		}
	}
	return nil
}
