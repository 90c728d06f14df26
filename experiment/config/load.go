package config

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/touchlift/touchlift/experiment"
)

// File is one file of a configuration.
type File struct {
	// Name with slashes. Its last part says what the file holds: touchpoints.yaml,
	// metrics.yaml, attributes.yaml, segments.yaml, layers.yaml, holdouts.yaml,
	// traffic.yaml, or else an experiment.
	Name string
	// Text of the file in UTF-8.
	Text []byte
}

// Load reads every file named *.yaml or *.yml, in any case, in the file system, at any
// depth, in the order of their paths. Files and folders whose names start with a dot are left
// out, and links to folders are not followed.
//
// The error is nil or an [Errors] with every mistake of every file. The catalogue is
// never nil: beside an error it holds what is sound. A caller that wants all or
// nothing looks at the error alone. A service that would rather run what it can
// logs the error and takes the catalogue: it is valid, with everything left out that
// has a mistake, or refers to something that has. Of two with the same name the first
// stays. What keeps units out is never left out alone, because a unit that is enrolled
// by mistake cannot be taken back: with a holdout go all experiments under it, or that
// may be under it where its scope cannot be read, and with a rule of traffic.yaml go
// all experiments.
func Load(fsys fs.FS) (*experiment.Catalog, error) {
	return load(readFiles(fsys))
}

// LoadDir is [Load] of a folder of the operating system. The names of the files in
// errors start with the folder.
func LoadDir(dir string) (*experiment.Catalog, error) {
	files := readFiles(os.DirFS(dir))
	for i := range files {
		files[i].Name = filepath.Join(dir, filepath.FromSlash(files[i].Name))
	}
	return load(files)
}

// Parse is [Load] of files that are at hand already. Their order is that of the
// catalogue. The texts are not changed and not kept.
func Parse(files ...File) (*experiment.Catalog, error) {
	read := make([]readFile, len(files))
	for i, f := range files {
		read[i].File = f
	}
	return load(read)
}

func load(files []readFile) (*experiment.Catalog, error) {
	l := &loader{catalog: &experiment.Catalog{}, places: make(places)}
	for _, f := range files {
		l.read(f)
	}
	l.judge()
	if len(l.errors) == 0 {
		return l.catalog, nil
	}
	l.sort(files)
	return l.sound(), l.errors
}

// readFile is a file, or why there is none.
type readFile struct {
	File
	problem string
	cause   error
}

func unreadable(name string, cause error) readFile {
	return readFile{File: File{Name: name}, problem: fmt.Sprintf("cannot be read: %v", cause), cause: cause}
}

// readFiles reads the YAML files of a file system in the order of their paths.
func readFiles(fsys fs.FS) []readFile {
	var files []readFile
	_ = fs.WalkDir(fsys, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			files = append(files, unreadable(name, err))
		case name != "." && strings.HasPrefix(entry.Name(), "."):
			if entry.IsDir() {
				return fs.SkipDir
			}
		case !entry.IsDir() && isYAML(name):
			if text, err := readText(fsys, name); err != nil {
				files = append(files, unreadable(name, err))
			} else {
				files = append(files, readFile{File: File{Name: name, Text: text}})
			}
		}
		return nil // whatever happened is in the list
	})
	if len(files) == 0 {
		files = []readFile{{File: File{Name: "."}, problem: "holds no .yaml file", cause: fs.ErrNotExist}}
	}
	slices.SortFunc(files, func(a, b readFile) int { return strings.Compare(a.Name, b.Name) })
	return files
}

func isYAML(name string) bool {
	extension := strings.ToLower(path.Ext(name))
	return extension == ".yaml" || extension == ".yml"
}

// readText reads no more of a file than it takes to see that it is too large.
func readText(fsys fs.FS, name string) ([]byte, error) {
	file, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, MaxFileBytes+1))
}
