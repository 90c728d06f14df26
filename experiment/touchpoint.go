package experiment

// Stage is the stage of the customer journey to which a touchpoint belongs.
type Stage string

// The stages of the journey, in its order.
const (
	StageAwareness     Stage = "awareness"
	StageConsideration Stage = "consideration"
	StagePurchase      Stage = "purchase"
	StagePostPurchase  Stage = "post_purchase"
	StageRetention     Stage = "retention"
	StageAdvocacy      Stage = "advocacy"
)

// Stages returns the stages in the order of the journey.
func Stages() []Stage {
	return []Stage{StageAwareness, StageConsideration, StagePurchase, StagePostPurchase, StageRetention, StageAdvocacy}
}

// Channel is the medium of a touchpoint.
type Channel string

// The channels.
const (
	ChannelWeb        Channel = "web"
	ChannelApp        Channel = "app"
	ChannelEmail      Channel = "email"
	ChannelSMS        Channel = "sms"
	ChannelPush       Channel = "push"
	ChannelSocial     Channel = "social"
	ChannelSearchAd   Channel = "search_ad"
	ChannelDisplayAd  Channel = "display_ad"
	ChannelChat       Channel = "chat"
	ChannelCallCentre Channel = "call_centre"
	ChannelInStore    Channel = "in_store"
	ChannelEvent      Channel = "event"
	ChannelDirectMail Channel = "direct_mail"
	ChannelSurvey     Channel = "survey"
)

// Channels returns every channel.
func Channels() []Channel {
	return []Channel{
		ChannelWeb, ChannelApp, ChannelEmail, ChannelSMS, ChannelPush, ChannelSocial, ChannelSearchAd,
		ChannelDisplayAd, ChannelChat, ChannelCallCentre, ChannelInStore, ChannelEvent, ChannelDirectMail, ChannelSurvey,
	}
}

// Touchpoint is a point of contact of a brand and a customer, online or
// offline.
type Touchpoint struct {
	// Key names the touchpoint in experiments and events.
	Key string `json:"key"`
	// Stage of the customer journey. Required.
	Stage Stage `json:"stage"`
	// Channel of the contact. Required.
	Channel Channel `json:"channel"`
	// Offline is true where the contact happens away from a screen: a shop
	// counter, a letter, a phone call.
	Offline bool `json:"offline,omitempty"`
	// UnitCost is what one contact costs, in the currency of the values that
	// conversions carry. Zero or more.
	UnitCost float64 `json:"unit_cost,omitempty"`
}
