package experimenttest

import "slices"

// checks are the suite, in the order in which it runs.
func checks() ([]check, error) {
	days, err := dayScenes()
	if err != nil {
		return nil, err
	}
	return slices.Concat(
		sceneChecks(firstScenes()),
		sceneChecks(groupScenes()),
		sceneChecks(contaminationScenes()),
		sceneChecks(windowScenes()),
		sceneChecks(maturityScenes()),
		sceneChecks(valueScenes()),
		sceneChecks(filterScenes()),
		sceneChecks(splitScenes()),
		sceneChecks(days),
		sceneChecks(jointScenes()),
		sceneChecks(clusterScenes()),
		sceneChecks(identityScenes()),
		recordChecks(),
		roundTripChecks(),
		erasureChecks(),
		errorChecks(),
		reopenChecks(),
		randomChecks(),
	), nil
}
