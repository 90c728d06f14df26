// Command benchmarks measures touchlift beside other libraries.
package main
