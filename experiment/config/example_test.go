package config_test

import (
	"errors"
	"fmt"
	"os"
	"testing/fstest"

	"github.com/touchlift/touchlift/experiment/config"
)

func ExampleLoad() {
	catalog, err := config.Load(os.DirFS("testdata/experiments"))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, e := range catalog.Experiments {
		fmt.Printf("%s at %s: %d arms, traffic %s\n", e.Key, e.Touchpoints, len(e.Arms), e.Traffic)
	}
	// Output:
	// checkout-reassurance at [checkout-page order-email]: 2 arms, traffic 5% from 2026-01-05T08:00:00+01:00, 100% from 2026-01-07T08:00:00+01:00
	// welcome-mail at [welcome-email]: 3 arms, traffic 100%
}

// Five mistakes in two files, all in one run.
func ExampleLoad_mistakes() {
	_, err := config.Load(fstest.MapFS{
		"checkout.yaml": {Data: []byte(`experiment: checkout-reassurance
touchpoints: [checkout-pag]
unit: customer
salt: 2026
starts: 2026-01-05
arms:
  - {variant: control,      weight: 50, payload: {banner: none}}
  - {variant: free_returns, weight: -60, payload: {banner: free_returns}}
`)},
		"touchpoints.yaml": {Data: []byte(`checkout-page: {stage: purchase, chanel: web}
`)},
	})
	fmt.Println(err)
	// Output:
	// checkout.yaml:2:15: TL014 touchpoint "checkout-pag" is not defined
	//     2 | touchpoints: [checkout-pag]
	//       |               ^^^^^^^^^^^^
	//    help: did you mean "checkout-page"?
	// checkout.yaml:4:7: TL007 salt is 2026, which without quotes is a number
	//     4 | salt: 2026
	//       |       ^^^^
	//    help: put it in quotes: "2026"
	// checkout.yaml:5:9: TL006 starts is 2026-01-05; it is a moment such as 2026-01-05T08:00:00+01:00
	//     5 | starts: 2026-01-05
	//       |         ^^^^^^^^^^
	//    help: add the time and the offset of your place: 2026-01-05T00:00:00+01:00, or 2026-01-05T00:00:00Z for UTC
	// checkout.yaml:8:37: TL012 weight of arm "free_returns" is -60; weights are whole numbers from 0 up
	//     8 |   - {variant: free_returns, weight: -60, payload: {banner: free_returns}}
	//       |                                     ^^^
	//    help: weights are relative, 50 and 50 or 1 and 1 mean the same
	// touchpoints.yaml:1:34: TL003 unknown key "chanel"; did you mean "channel"?
	//     1 | checkout-page: {stage: purchase, chanel: web}
	//       |                                  ^^^^^^
	// 5 errors
}

// A mistake inside a rule is shown under its words.
func ExampleLoad_rule() {
	_, err := config.Load(fstest.MapFS{
		"touchpoints.yaml": {Data: []byte("checkout-page: {stage: purchase, channel: web}\n")},
		"attributes.yaml":  {Data: []byte("country: string\nage: number\n")},
		"segments.yaml":    {Data: []byte("nordic: country in [\"NO\", \"SE\"]\n")},
		"checkout.yaml": {Data: []byte(`experiment: checkout-reassurance
touchpoints: [checkout-page]
unit: customer
salt: checkout-reassurance-2026
arms:
  - {variant: control,      weight: 1}
  - {variant: free_returns, weight: 1}
audience: |
  segment("nordic")
    && (contry == "NO" || age >= "18")
`)},
	})
	fmt.Println(err)
	// Output:
	// checkout.yaml:10:9: TL020 unknown attribute "contry"
	//    10 |     && (contry == "NO" || age >= "18")
	//       |         ^^^^^^
	//    help: did you mean "country"?
	// checkout.yaml:10:27: TL020 cannot compare age (number) with "18" (string)
	//    10 |     && (contry == "NO" || age >= "18")
	//       |                           ^^^^^^^^^^^
	//    help: write 18 without quotes
	// 2 errors
}

// A service that runs what it can takes the catalogue beside the error.
func ExampleLoad_sound() {
	catalog, err := config.Load(fstest.MapFS{
		"touchpoints.yaml": {Data: []byte("checkout-page: {stage: purchase, channel: web}\n")},
		"good.yaml": {Data: []byte(`experiment: good
touchpoints: [checkout-page]
unit: customer
salt: good-2026
arms: [{variant: control, weight: 1}, {variant: bold, weight: 1}]
`)},
		"bad.yaml": {Data: []byte("experiment: bad\ntraffic: 120%\n")},
	})
	var mistakes config.Errors
	if errors.As(err, &mistakes) {
		fmt.Println(len(mistakes), "mistakes, the first in", mistakes[0].File)
	}
	for _, e := range catalog.Experiments {
		fmt.Println("runs", e.Key)
	}
	// Output:
	// 5 mistakes, the first in bad.yaml
	// runs good
}

func ExampleParse() {
	catalog, err := config.Parse(
		config.File{Name: "touchpoints.yaml", Text: []byte("counter: {stage: purchase, channel: in_store, offline: true}")},
		config.File{Name: "greeting.yaml", Text: []byte(`
experiment: greeting
touchpoints: [counter]
unit: store
salt: greeting-2026
arms:
  - {variant: control, weight: 1}
  - {variant: by_name, weight: 1, payload: {script: "Good morning!", seconds: 2.5}}
`)})
	fmt.Println(err)
	greeting, _ := catalog.Experiment("greeting")
	fmt.Println(greeting.Unit, greeting.Control(), greeting.Arms[1].Payload["seconds"])
	// Output:
	// <nil>
	// store control 2.5
}

func ExampleErrors() {
	_, err := config.Parse(config.File{Name: "touchpoints.yaml", Text: []byte("shop: {stage: purchase, channel: fax}")})
	var mistakes config.Errors
	if errors.As(err, &mistakes) {
		for _, e := range mistakes {
			fmt.Printf("::error file=%s,line=%d,col=%d,title=%s::%s\n", e.File, e.Line, e.Column, e.Code, e.Path)
		}
	}
	// Output:
	// ::error file=touchpoints.yaml,line=1,col=34,title=TL017::touchpoints[0].channel
}
