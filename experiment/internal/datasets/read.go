package datasets

import (
	"compress/gzip"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// row is a row of a file by the names of its columns. Its first problem stays.
type row struct {
	file    string
	columns map[string]int
	cells   []string
	problem *error
}

func (r row) text(column string) string {
	i, ok := r.columns[column]
	if !ok {
		r.fail(fmt.Errorf("datasets: %s has no column %q", r.file, column))
		return ""
	}
	return r.cells[i]
}

func (r row) number(column string) float64 {
	v, err := strconv.ParseFloat(r.text(column), 64)
	if err != nil {
		r.fail(fmt.Errorf("datasets: %s, column %s: %w", r.file, column, err))
	}
	return v
}

// yes reads 1 and TRUE.
func (r row) yes(column string) bool {
	text := r.text(column)
	return text == "1" || strings.EqualFold(text, "true")
}

func (r row) fail(err error) {
	if *r.problem == nil {
		*r.problem = err
	}
}

// eachRow calls visit with every row of a CSV file, gzipped or not.
func eachRow(dir, name string, visit func(row)) error {
	f, err := os.Open(filepath.Join(dir, name))
	if err != nil {
		return fmt.Errorf("datasets: %w", err)
	}
	defer f.Close() //nolint:errcheck // only read from
	var source io.Reader = f
	if strings.HasSuffix(name, ".gz") {
		if source, err = gzip.NewReader(f); err != nil {
			return fmt.Errorf("datasets: %s: %w", name, err)
		}
	}
	reader := csv.NewReader(source)
	header, err := reader.Read()
	if err != nil {
		return fmt.Errorf("datasets: %s: %w", name, err)
	}
	columns := make(map[string]int, len(header))
	for i, column := range header {
		columns[column] = i
	}
	var problem error
	for {
		cells, err := reader.Read()
		if err == io.EOF {
			return problem
		}
		if err != nil {
			return fmt.Errorf("datasets: %s: %w", name, err)
		}
		visit(row{name, columns, cells, &problem})
		if problem != nil {
			return problem
		}
	}
}
