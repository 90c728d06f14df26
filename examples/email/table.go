package main

import (
	"bufio"
	"compress/gzip"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// table is a CSV file with a header.
type table struct {
	name   string
	header []string
	rows   *csv.Reader
	file   io.Closer
}

// shipped is the file for those who have none.
const shipped = "spring_sale.csv"

// open opens a CSV file, packed with gzip or not. An empty path is the shipped
// file.
func open(path string) (*table, error) {
	t := &table{name: path}
	var file io.ReadCloser
	var err error
	if path == "" {
		t.name = shipped
		file, err = files.Open(shipped)
	} else {
		file, err = os.Open(path)
	}
	if err != nil {
		return nil, err
	}
	t.file = file
	if err := t.readHeader(file); err != nil {
		file.Close()
		return nil, fmt.Errorf("%s: %w", t.name, err)
	}
	return t, nil
}

func (t *table) readHeader(file io.Reader) error {
	text, err := unpack(bufio.NewReader(file))
	if err != nil {
		return err
	}
	t.rows = csv.NewReader(text)
	t.rows.ReuseRecord = true
	header, err := t.rows.Read()
	if errors.Is(err, io.EOF) {
		return errors.New("the file is empty, want a header and a row for each customer")
	}
	if err != nil {
		return err
	}
	t.header = slices.Clone(header)
	t.header[0] = strings.TrimPrefix(t.header[0], "\ufeff") // spreadsheets write a byte order mark
	for i, name := range t.header {
		if slices.Contains(t.header[:i], name) {
			return fmt.Errorf("two columns are named %q", name)
		}
	}
	return nil
}

// unpack looks at the first bytes, not at the name of the file.
func unpack(file *bufio.Reader) (io.Reader, error) {
	if magic, _ := file.Peek(2); string(magic) == "\x1f\x8b" {
		return gzip.NewReader(file)
	}
	return file, nil
}

// next returns the cells of the next row, valid until the call after, and its
// line in the file. At the end the error is io.EOF.
func (t *table) next() (cells []string, line int, err error) {
	cells, err = t.rows.Read()
	if err == nil {
		line, _ = t.rows.FieldPos(0)
	}
	return cells, line, err
}

// column returns the index of a column that the header has.
func (t *table) column(name string) int { return slices.Index(t.header, name) }

// Close closes the file.
func (t *table) Close() error { return t.file.Close() }
