// Pion: a peer with a data channel, a TURN server, and a TURN client.
// pion peer offer|answer URL SECONDS OPTIONS
//
//	OPTIONS: JSON {servers, relay, lite, tcp, mapped, noEnd}; offers and
//	answers go as JSON over a WebSocket
//
// pion server ADDRESS OPTIONS
//
//	OPTIONS: JSON {users: {NAME: PASSWORD}, realm, port, tcp, refuse (peers)}
//
// pion client SERVER tcp|udp USER PASSWORD PEER SECONDS
// Debian's packages golang-github-pion-webrtc.v3-dev and ...-turn.v2-dev.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"net"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/pion/ice/v2"
	"github.com/pion/turn/v2"
	"github.com/pion/webrtc/v3"
	"golang.org/x/net/websocket"
)

type options struct {
	Servers []webrtc.ICEServer
	Relay   bool
	Lite    bool
	TCP     bool
	Four    bool // IPv4 alone
	Mapped  []string
	Late    float64 // seconds that its candidates wait
	Users   map[string]string
	Realm   string
	Port    int
	Refuse  bool
}

type message struct {
	Type      string                   `json:"type,omitempty"`
	SDP       string                   `json:"sdp,omitempty"`
	Candidate *webrtc.ICECandidateInit `json:"candidate,omitempty"`
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func wanted(text string) options {
	var o options
	must(json.Unmarshal([]byte(text), &o))
	return o
}

func seconds(text string) time.Duration {
	n, err := strconv.ParseFloat(text, 64)
	must(err)
	return time.Duration(n * float64(time.Second))
}

func connection(o options) *webrtc.PeerConnection {
	var settings webrtc.SettingEngine
	settings.SetLite(o.Lite)
	settings.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	if len(o.Mapped) > 0 {
		settings.SetNAT1To1IPs(o.Mapped, webrtc.ICECandidateTypeHost)
	}
	if o.Four {
		settings.SetNetworkTypes([]webrtc.NetworkType{
			webrtc.NetworkTypeUDP4})
	}
	if o.TCP {
		settings.SetNetworkTypes([]webrtc.NetworkType{
			webrtc.NetworkTypeTCP4})
		listener, err := net.ListenTCP("tcp4", &net.TCPAddr{Port: 9000})
		must(err)
		settings.SetICETCPMux(webrtc.NewICETCPMux(nil, listener, 8))
	}
	policy := webrtc.ICETransportPolicyAll
	if o.Relay {
		policy = webrtc.ICETransportPolicyRelay
	}
	api := webrtc.NewAPI(webrtc.WithSettingEngine(settings))
	pc, err := api.NewPeerConnection(webrtc.Configuration{
		ICEServers: o.Servers, ICETransportPolicy: policy})
	must(err)
	return pc
}

func use(channel *webrtc.DataChannel) {
	channel.OnOpen(func() {
		for i := 0; i < 5; i++ {
			must(channel.SendText("hello"))
		}
	})
	channel.OnMessage(func(m webrtc.DataChannelMessage) {
		fmt.Println("heard:", string(m.Data))
	})
}

func describe(pc *webrtc.PeerConnection, socket *websocket.Conn,
	description webrtc.SessionDescription, err error) {
	must(err)
	must(pc.SetLocalDescription(description))
	must(websocket.JSON.Send(socket, message{
		Type: description.Type.String(), SDP: description.SDP}))
}

// Candidates that come before the description that they belong to.
var early []webrtc.ICECandidateInit

func take(pc *webrtc.PeerConnection, socket *websocket.Conn, m message) {
	switch m.Type {
	case "offer", "answer":
		must(pc.SetRemoteDescription(webrtc.SessionDescription{
			Type: webrtc.NewSDPType(m.Type), SDP: m.SDP}))
		if m.Type == "offer" {
			answer, err := pc.CreateAnswer(nil)
			describe(pc, socket, answer, err)
		}
	case "bye":
		must(pc.Close())
	default:
		if m.Candidate != nil && m.Candidate.Candidate != "" {
			early = append(early, *m.Candidate)
		}
	}
	if pc.RemoteDescription() == nil {
		return
	}
	for _, candidate := range early {
		must(pc.AddICECandidate(candidate))
	}
	early = nil
}

func peer(role, url, time_, more string) {
	o := wanted(more)
	socket, err := websocket.Dial(url, "", "http://localhost/")
	must(err)
	pc := connection(o)
	var once sync.Mutex
	pc.OnICECandidate(func(c *webrtc.ICECandidate) {
		if c == nil {
			return
		}
		told := c.ToJSON()
		time.AfterFunc(time.Duration(o.Late*float64(time.Second)),
			func() {
				once.Lock()
				defer once.Unlock()
				_ = websocket.JSON.Send(socket, message{
					Type: "candidate", Candidate: &told})
			})
	})
	pc.OnConnectionStateChange(func(s webrtc.PeerConnectionState) {
		fmt.Println("state:", s)
	})
	pc.OnDataChannel(use)
	if role == "offer" {
		channel, err := pc.CreateDataChannel("words", nil)
		must(err)
		use(channel)
		offer, err := pc.CreateOffer(nil)
		describe(pc, socket, offer, err)
	}
	go func() {
		for {
			var m message
			if websocket.JSON.Receive(socket, &m) != nil {
				return
			}
			take(pc, socket, m)
		}
	}()
	time.Sleep(seconds(time_))
	must(pc.Close())
}

func server(address, more string) {
	o := wanted(more)
	at := net.JoinHostPort(address, strconv.Itoa(o.Port))
	relays := &turn.RelayAddressGeneratorStatic{
		RelayAddress: net.ParseIP(address), Address: address}
	allowed := func(net.Addr, net.IP) bool { return !o.Refuse }
	packets, err := net.ListenPacket("udp4", at)
	must(err)
	listener, err := net.Listen("tcp4", at)
	must(err)
	_, err = turn.NewServer(turn.ServerConfig{
		Realm: o.Realm,
		AuthHandler: func(user, realm string, _ net.Addr) ([]byte, bool) {
			password, known := o.Users[user]
			return turn.GenerateAuthKey(user, realm, password), known
		},
		PacketConnConfigs: []turn.PacketConnConfig{{PacketConn: packets,
			RelayAddressGenerator: relays, PermissionHandler: allowed}},
		ListenerConfigs: []turn.ListenerConfig{{Listener: listener,
			RelayAddressGenerator: relays, PermissionHandler: allowed}},
	})
	must(err)
	fmt.Println("ready")
	select {}
}

func client(at, transport, user, password, to, time_ string) {
	var way net.PacketConn
	if transport == "tcp" {
		stream, err := net.Dial("tcp4", at)
		must(err)
		way = turn.NewSTUNConn(stream)
	} else {
		var err error
		way, err = net.ListenPacket("udp4", "0.0.0.0:0")
		must(err)
	}
	c, err := turn.NewClient(&turn.ClientConfig{STUNServerAddr: at,
		TURNServerAddr: at, Conn: way, Username: user,
		Password: password})
	must(err)
	defer c.Close()
	must(c.Listen())
	relayed, err := c.Allocate()
	must(err)
	fmt.Println("relayed:", relayed.LocalAddr())
	far, err := net.ResolveUDPAddr("udp4", to)
	must(err)
	end := time.Now().Add(seconds(time_))
	for time.Now().Before(end) {
		_, err := relayed.WriteTo([]byte("hello"), far)
		fmt.Println("sent:", err)
		time.Sleep(200 * time.Millisecond)
	}
	must(relayed.Close())
}

func main() {
	a := os.Args
	switch a[1] {
	case "peer":
		peer(a[2], a[3], a[4], a[5])
	case "server":
		server(a[2], a[3])
	case "client":
		client(a[2], a[3], a[4], a[5], a[6], a[7])
	}
}
