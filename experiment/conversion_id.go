package experiment

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"time"
)

// ConversionID is the identity of a conversion, 16 bytes. The zero value is no
// identity.
type ConversionID [16]byte

// ConversionKey makes the identity of a key of yours, such as an order number:
// the first 16 bytes of the SHA-256 of "touchlift/conversion/1", NUL and the
// key. The key itself is not recorded.
func ConversionKey(key string) ConversionID {
	sum := sha256.Sum256([]byte("touchlift/conversion/1\x00" + key))
	return ConversionID(sum[:16])
}

// NewConversionID makes a new identity, a UUID of version 7 (RFC 9562): the
// time in milliseconds, then 74 random bits read from random.
func NewConversionID(now time.Time, random io.Reader) (ConversionID, error) {
	var id ConversionID
	if _, err := io.ReadFull(random, id[6:]); err != nil {
		return ConversionID{}, fmt.Errorf("experiment: no randomness for a conversion id: %w", err)
	}
	ms := uint64(now.UnixMilli())
	for i := range 6 {
		id[i] = byte(ms >> (40 - 8*i))
	}
	id[6] = id[6]&0x0f | 0x70
	id[8] = id[8]&0x3f | 0x80
	return id, nil
}

// String returns the identity in the form of a UUID.
func (id ConversionID) String() string {
	text, _ := id.MarshalText()
	return string(text)
}

// MarshalText writes the identity in the form of a UUID.
func (id ConversionID) MarshalText() ([]byte, error) {
	text := make([]byte, 36)
	hex.Encode(text[0:8], id[0:4])
	hex.Encode(text[9:13], id[4:6])
	hex.Encode(text[14:18], id[6:8])
	hex.Encode(text[19:23], id[8:10])
	hex.Encode(text[24:36], id[10:16])
	text[8], text[13], text[18], text[23] = '-', '-', '-', '-'
	return text, nil
}

// UnmarshalText reads the form of a UUID.
func (id *ConversionID) UnmarshalText(text []byte) error {
	if len(text) != 36 || text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-' {
		return fmt.Errorf("experiment: conversion id %q is not a UUID", text)
	}
	digits := make([]byte, 0, 32)
	for _, part := range [][]byte{text[0:8], text[9:13], text[14:18], text[19:23], text[24:36]} {
		digits = append(digits, part...)
	}
	var parsed ConversionID
	if _, err := hex.Decode(parsed[:], digits); err != nil {
		return fmt.Errorf("experiment: conversion id %q is not a UUID: %w", text, err)
	}
	*id = parsed
	return nil
}
