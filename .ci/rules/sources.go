package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// The longest file and function that a reader should have to hold in mind.
const (
	maxFileLines     = 400
	maxFunctionLines = 60
)

// checkSources reads every Go file that is not a test.
func checkSources(found *breaches, root string) error {
	documented := map[string]bool{} // folders with a package comment
	folders := map[string]bool{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == "testdata" || entry.Name() == ".git"):
			return filepath.SkipDir
		case entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		set := token.NewFileSet()
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		file, err := parser.ParseFile(set, path, text, parser.ParseComments)
		if err != nil {
			return err
		}
		folders[filepath.Dir(path)] = true
		documented[filepath.Dir(path)] = documented[filepath.Dir(path)] || file.Doc != nil
		if lines := set.File(file.Pos()).LineCount(); lines > maxFileLines {
			found.add("%s: %d lines, want at most %d", path, lines, maxFileLines)
		}
		checkFile(found, set, file)
		return nil
	})
	for folder := range folders {
		if !documented[folder] {
			found.add("%s: the package has no comment", folder)
		}
	}
	return err
}

func checkFile(found *breaches, set *token.FileSet, file *ast.File) {
	for _, declaration := range file.Decls {
		switch d := declaration.(type) {
		case *ast.FuncDecl:
			start, end := set.Position(d.Pos()), set.Position(d.End())
			if lines := end.Line - start.Line + 1; lines > maxFunctionLines {
				found.add("%s: %s has %d lines, want at most %d", start, d.Name.Name, lines, maxFunctionLines)
			}
			if d.Name.IsExported() && d.Doc == nil && exportedReceiver(d) {
				found.add("%s: %s has no comment", start, d.Name.Name)
			}
		case *ast.GenDecl:
			checkDeclarations(found, set, d)
		}
	}
}

// checkDeclarations wants a comment on every exported type, and on every
// exported constant and variable or on the block that holds it.
func checkDeclarations(found *breaches, set *token.FileSet, d *ast.GenDecl) {
	for _, spec := range d.Specs {
		switch s := spec.(type) {
		case *ast.TypeSpec:
			if s.Name.IsExported() && s.Doc == nil && d.Doc == nil {
				found.add("%s: %s has no comment", set.Position(s.Pos()), s.Name.Name)
			}
		case *ast.ValueSpec:
			for _, name := range s.Names {
				if name.IsExported() && s.Doc == nil && d.Doc == nil && s.Comment == nil {
					found.add("%s: %s has no comment", set.Position(name.Pos()), name.Name)
				}
			}
		}
	}
}

// exportedReceiver reports whether a function is no method, or one of an
// exported type.
func exportedReceiver(d *ast.FuncDecl) bool {
	if d.Recv == nil || len(d.Recv.List) == 0 {
		return true
	}
	receiver := d.Recv.List[0].Type
	for {
		switch t := receiver.(type) {
		case *ast.StarExpr:
			receiver = t.X
		case *ast.IndexExpr:
			receiver = t.X
		case *ast.Ident:
			return t.IsExported()
		default:
			return true
		}
	}
}
