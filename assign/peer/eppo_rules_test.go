package peer_test

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"time"
)

// eppoCondition is a condition of a rule. This is as much of Eppo's rules as its suites
// need to reach the shards; versions are told from numbers by their dots.
type eppoCondition struct {
	Attribute string
	Operator  string
	Value     any
}

var eppoNow = time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)

// open reports whether the allocation has started and not ended.
func (a eppoAllocation) open() bool {
	start, err := time.Parse(time.RFC3339, a.StartAt)
	if err == nil && eppoNow.Before(start) {
		return false
	}
	end, err := time.Parse(time.RFC3339, a.EndAt)
	return err != nil || !eppoNow.After(end)
}

// matches reports whether all conditions of one rule hold, or there is no rule.
func (a eppoAllocation) matches(attributes map[string]any) bool {
	for _, rule := range a.Rules {
		if !slices.ContainsFunc(rule.Conditions, func(c eppoCondition) bool { return !c.holds(attributes[c.Attribute]) }) {
			return true
		}
	}
	return len(a.Rules) == 0
}

func (c eppoCondition) holds(value any) bool {
	if c.Operator == "IS_NULL" {
		return (value == nil) == (c.Value == true)
	}
	if value == nil {
		return false
	}
	text := fmt.Sprint(value)
	if number, ok := value.(float64); ok {
		text = strconv.FormatFloat(number, 'f', -1, 64)
	}
	switch c.Operator {
	case "ONE_OF", "NOT_ONE_OF":
		return slices.ContainsFunc(c.Value.([]any), func(v any) bool { return v == text }) == (c.Operator == "ONE_OF")
	case "MATCHES", "NOT_MATCHES":
		return regexp.MustCompile(c.Value.(string)).MatchString(text) == (c.Operator == "MATCHES")
	}
	number, ok := numberOf(value)
	limit, known := numberOf(c.Value)
	if !ok || !known {
		return false // a version: those flags have no shards
	}
	switch c.Operator {
	case "GTE":
		return number >= limit
	case "GT":
		return number > limit
	case "LTE":
		return number <= limit
	case "LT":
		return number < limit
	}
	panic("unknown operator " + c.Operator)
}

func numberOf(value any) (float64, bool) {
	if number, ok := value.(float64); ok {
		return number, true
	}
	number, err := strconv.ParseFloat(fmt.Sprint(value), 64)
	return number, err == nil
}
