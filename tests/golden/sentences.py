"""Inputs that make the text report say what it seldom says: many of a kind,
traffic of others, words of clients.  Recipes as text, and packets by hand."""
import json
import struct

import packets

HOSTS = "host alice 192.0.2.10\nhost bob 192.0.2.20\nhost relay 203.0.113.5\n"


def call(number, status="200", alice=5060, rest=""):
    """A call without ICE; refused ones have no BYE."""
    of = "call=c%d\n" % number
    lines = ("sip alice:{0} bob:5060 INVITE 1 {1}"
             "\tsdp alice:{2}\n"
             "sip bob:5060 alice:{0} {3} 1 INVITE {1}").format(
                 alice, of, 6000 + 2 * number, status)
    if status != "200":
        return lines + "sip alice:%d bob:5060 ACK 1 tag %s" % (alice, of)
    return (lines + "\tsdp bob:%d\n" % (7000 + 2 * number) +
            "sip alice:%d bob:5060 ACK 1 tag %s" % (alice, of) + rest +
            "sip alice:%d bob:5060 BYE 2 tag %s%s"
            "sip bob:5060 alice:%d 200 2 BYE %s" % (alice, of, "", alice, of))


def good_calls():
    """So many that they are listed only, over two days; and checks alone."""
    return HOSTS + "wait 87000s\n".join(
        "".join(call(20 * day + n) for n in range(12)) for day in range(2)
    ) + ("check alice:5000 bob:5002 1 aaaa bbbb ice-controlling=1\n"
         "answer bob:5002 alice:5000 1 bbbb\n"
         "check alice:5000 bob:5002 2 aaaa bbbb ice-controlling=1 "
         "use-candidate\nanswer bob:5002 alice:5000 2 bbbb\n")


def checks_without_candidates():
    """SDP says nothing of ICE, and yet both sides check what it names."""
    return HOSTS + call(1, rest=(
        "check alice:6002 bob:7002 1 aaaa bbbb ice-controlling=1\n"
        "answer bob:7002 alice:6002 1 bbbb\n"
        "check alice:6002 bob:7002 2 aaaa bbbb ice-controlling=1 "
        "use-candidate\nanswer bob:7002 alice:6002 2 bbbb\nwait 1s\n"))


def many_endings():
    return HOSTS + "".join(
        call(n, status) for n, status in enumerate(
            ("403", "404", "480", "486", "488", "500", "502", "503", "504",
             "600", "603", "606", "408", "420", "483", "487")))


def many_failures():
    """More that failed than are told, and in more ways than are told apart."""
    statuses = list(range(400, 418)) + list(range(420, 425)) + \
        list(range(480, 486)) + list(range(500, 507)) + [603, 604]
    return HOSTS + "".join(call(n, str(status))
                           for n, status in enumerate(statuses))


def silent_relay():
    """It takes the connection, which no firewall has to be opened for."""
    ask = "stun s> allocate %d requested-transport=17\nwait 2s\n"
    return HOSTS + "tcp s alice:52001 relay:3479\n" + "".join(
        ask % n for n in range(1, 4)) + call(1)


def answer_shown_again():
    """A copy that comes late: nobody answers twice what is asked once."""
    return HOSTS + (
        "check alice:5000 bob:6000 1 aaaa bbbb ice-controlling=1\n"
        "answer bob:6000 alice:5000 1 bbbb\nagain 1 100ms\n"
        "check alice:5000 bob:6000 2 aaaa bbbb ice-controlling=1 "
        "use-candidate\nanswer bob:6000 alice:5000 2 bbbb\nagain 1 100ms\n")


def answers_alone():
    """No INVITE is in the capture: what the ACK has tells what the SDP of the
    answer was, in the third call nothing does."""
    sdp = "\tsdp %s:%d ice=%s host\n"
    alice, bob = (sdp % (name, port, 4 * name[0])
                  for name, port in (("alice", 6000), ("bob", 7000)))
    acks = ("sip alice:5060 bob:5060 ACK 1 tag call=c1\n",
            "sip alice:5060 bob:5060 ACK 1 tag call=c2\n" + alice, "")
    return HOSTS + "".join(
        "sip bob:5060 alice:5060 200 1 INVITE call=c%d\n%s%swait 1s\n" %
        (n, bob, ack) for n, ack in enumerate(acks, 1))


def peer_gone():
    """The other side goes away without a word, and is asked on."""
    asks = "check alice:5000 bob:6000 %d aaaa bbbb ice-controlling=1%s\n"
    return HOSTS + asks % (1, " use-candidate") + \
        "answer bob:6000 alice:5000 1 bbbb\nwait 1s\n" + "".join(
            asks % (n, "") + "wait 1s\n" for n in range(2, 12))


def kept_alive():
    """Gathering is over with the first answer; others keep a mapping alive."""
    ask = "stun alice:5000 relay:3478 binding %d\n" \
        "stun relay:3478 alice:5000 binding-success %d " \
        "xor-mapped-address=198.51.100.7:5000\nwait 10s\n"
    return HOSTS + "".join(ask % (n, n) for n in range(1, 4)) + \
        "sip alice:5060 bob:5060 INVITE 1\n" \
        "\tsdp alice:5000 ice=aaaa srflx=198.51.100.7:5000\n"


def posted(name, message):
    """JSON that goes to a web server in a request of its own."""
    text = json.dumps(message)
    return f"tcp {name} {name}:4000 web:80\ntext {name}>\n" \
        "\tPOST / HTTP/1.1\n\tContent-Type: application/json\n" \
        f"\tContent-Length: {len(text) + 2}\n\t-\n\t" + \
        text.replace("\\", "\\\\") + "\n"


def trickled():
    """Descriptions without candidates name codecs, and checks say where."""
    def described(kind, ufrag):
        return {"type": kind, "sdp": "\r\n".join([
            "v=0", "o=- 1 1 IN IP4 0.0.0.0", "s=-", "t=0 0",
            "m=audio 9 UDP/TLS/RTP/SAVPF 111", "c=IN IP4 0.0.0.0",
            "a=ice-ufrag:" + ufrag, "a=ice-pwd:" + 6 * ufrag, "a=mid:0",
            "a=rtpmap:111 opus/48000/2", ""])}
    return HOSTS + "host web 203.0.113.30\n" \
        "ice aaaa aaaaaaaaaaaaaaaaaaaaaaaa\n" \
        "ice bbbb bbbbbbbbbbbbbbbbbbbbbbbb\n" + \
        posted("alice", described("offer", "aaaa")) + \
        posted("bob", described("answer", "bbbb")) + \
        "check alice:5000 bob:6000 1 aaaa bbbb ice-controlling=1 " \
        "use-candidate\nanswer bob:6000 alice:5000 1 bbbb\n" \
        "check bob:6000 alice:5000 2 bbbb aaaa ice-controlled=2\n" \
        "answer alice:5000 bob:6000 2 aaaa\n" \
        "rtp alice:5000 bob:6000 ssrc=1 pt=111 count=50 every=20ms\n" \
        "rtp bob:6000 alice:5000 ssrc=2 pt=111 count=50 every=20ms\n"


def address_aside():
    """Of no failing mark, and no attempt of its own: what is asked from an
    address that leads nowhere while another one is answered."""
    ask = "stun %s:5000 relay:3478 allocate %d%s\n"
    login = " login=alice:example.org:secret"
    return HOSTS + "host bridge 172.17.0.1\n" + ask % ("bridge", 51, "") + \
        ask % ("alice", 1, "") + (
            "stun relay:3478 alice:5000 allocate-error 1 error-code=401 "
            "realm=example.org nonce=0123456789abcdef\n") + \
        ask % ("alice", 2, login) + (
            "stun relay:3478 alice:5000 allocate-success 2" + login +
            " xor-relayed-address=relay:50000\n") + \
        ask % ("bridge", 51, "") + "again 4 500ms\n"


def pairs_in_turn():
    """Nothing tells the component of either: media goes on over the second
    pair, so the first is not in use any more."""
    part = ("check alice:{0} bob:{1} {2}1 aaaa bbbb ice-controlling=1 "
            "use-candidate\nanswer bob:{1} alice:{0} {2}1 bbbb\n"
            "repeat 20 20ms\n\trtp alice:{0} bob:{1} ssrc=7\n"
            "\trtp bob:{1} alice:{0} ssrc=8\n")
    return HOSTS + part.format(5000, 6000, 1) + part.format(5001, 6001, 2)


def openings_of_ipv6():
    return ("host alice 2001:db8:512:abc9:3c5f:61b1:747a:abdf\n"
            "host relay 2001:db8:f272:d0:face:b00c:0:553e\n" +
            "stun alice:5000 relay:3478 allocate 1\nagain 6 500ms\n" +
            "wait 20s\n" + HOSTS.replace("alice", "carol").replace(
                "relay", "edge") +
            "sip carol:5060 bob:5060 OPTIONS 1 call=o\n"
            "sip bob:5060 carol:5060 200 1 OPTIONS call=o\n")


def unreadable_sip():
    return HOSTS + "sip alice:5060 bob:5060 OPTIONS 1\n\tcut 35\n"


def some_failures():
    """A few that failed among many that did not."""
    return HOSTS + "".join(call(n, "503" if n % 8 == 3 else "200")
                           for n in range(26))


def many_pairs():
    """Names instead of addresses, an answer from elsewhere, more pairs of one
    kind than are told, and calls that want the same opening."""
    story = HOSTS
    for number in range(2):
        of = "from=sip:alice@example.test to=sip:bob@example.test call=p%d" % \
            number
        port = 5000 + 100 * number
        story += (
            "sip alice:5060 bob:5060 INVITE 1 %s\n"
            "\tsdp alice:%d ice=aaaa%d:aaaaaaaaaaaaaaaaaaaaaa host\n%s"
            "sip bob:5060 alice:5060 200 1 INVITE %s\n"
            "\tsdp bob:%d ice=bbbb%d:bbbbbbbbbbbbbbbbbbbbbb host\n"
            "sip alice:5060 bob:5060 ACK 1 tag %s\n" % (
                of, port, number, "".join(
                    "\t\ta=candidate:%d 1 udp 2122260223 %08x-1111-4222-8333-"
                    "444455556666.local %d typ host\n" % (n, n, port + n)
                    for n in range(2, 12)), of, port + 2, number, of))
        story += "".join(
            "check alice:%d bob:%d %d aaaa%d bbbb%d ice-controlling=1\n"
            "again 4 300ms\n" % (port, port + 2, 900 + number, number, number)
            for _ in range(1))
    return story + ("answer 192.0.2.99:9 alice:5100 901 bbbb1\nwait 20s\n")


def media_only():
    """Ten streams, as a capture of a media interface has them."""
    return HOSTS + "".join(
        "rtp alice:%d bob:%d ssrc=%d count=20 every=20ms\n" %
        (6000 + 2 * n, 7000 + 2 * n, n + 1) for n in range(10))


def many_bindings():
    """One socket asks a dozen servers, and gathers for a call."""
    return HOSTS + "".join(
        "stun alice:5000 203.0.113.%d:3478 binding %d\n"
        "stun 203.0.113.%d:3478 alice:5000 binding-success %d "
        "xor-mapped-address=198.51.100.7:5000\n" % (n, n, n, n)
        for n in range(10, 22)) + (
            "sip alice:5060 bob:5060 INVITE 1\n\tsdp alice:5000 ice=aaaa host "
            "srflx=198.51.100.7:5000\n"
            "sip bob:5060 alice:5060 486 1 INVITE\n")


def many_openings():
    """More calls than openings are listed, each to a place of its own, the
    last two to the same."""
    out = HOSTS
    for n in range(23):
        of = " call=w%d" % n
        peer = "198.51.100.%d:5002" % min(n + 1, 22)
        out += ("sip alice:5060 bob:5060 INVITE 1%s\n"
                "\tsdp alice:%d ice=a%03d host\n"
                "sip bob:5060 alice:5060 200 1 INVITE%s\n"
                "\tsdp %s ice=b%03d host\n"
                "sip alice:5060 bob:5060 ACK 1 tag%s\n"
                "check alice:%d %s %d a%03d b%03d ice-controlling=1\n"
                "again 6 500ms\nwait 2s\n"
                "sip alice:5060 bob:5060 BYE 2 tag%s\n"
                "sip bob:5060 alice:5060 200 2 BYE%s\n" % (
                    of, 6000, n, of, peer, n, of, 6000, peer, n + 1,
                    n, n, of, of))
    return out


def refused_ways():
    """Checks that are refused by ICMP, SIP over TCP that is reset, checks that
    nobody answers at more places than are listed."""
    return HOSTS + (
        "sip alice:5060 bob:5060 INVITE 1\n\tsdp alice:5000 ice=aaaa host\n"
        "sip bob:5060 alice:5060 200 1 INVITE\n\tsdp bob:5002 ice=bbbb host\n"
        "sip alice:5060 bob:5060 ACK 1 tag\n" + "".join(
            "check alice:5000 198.51.100.%d:5002 %d aaaa bbbb "
            "ice-controlling=1\nagain 6 500ms\n" % (n, n)
            for n in range(1, 26)) +
        "check alice:5000 bob:5002 90 aaaa bbbb ice-controlling=1\n"
        "icmp bob port\nagain 3 500ms\nwait 20s\n"
        "tcp x alice:50600 bob:5061 refused\n"
        "sip alice:5060 bob:5060 BYE 2 tag\n"
        "sip bob:5060 alice:5060 200 2 BYE\n")


CHANNEL = ("NetworkErr=%s,ErrTime=0,MediaTimeout=%d,RtcpByeSent=%d,"
           "RtcpByeRcvd=%d,BlobVer=1")


def words_of_clients():
    """More than are shown, a bit of no table, a channel that went silent, a
    number with a second one, a report of a stream that nobody saw."""
    said = ("\tms-client-diagnostics: 23;reason=\"no way\";CallerMediaDebug="
            "\"audio:ICEWarn=0x90000001,LocalSite=192.0.2.10:6000,LocalMR=,"
            "RemoteSite=,RemoteMR=203.0.113.5:50000\"\n"
            "\tms-diagnostics: 12345.7;reason=\"of no table\";"
            "source=\"fe01.example.test\"\n")
    blobs = "".join(
        "\tms-client-diagnostics: 51007;reason=\"x\";MediaType=\"audio\";"
        "MediaChanBlob=\"%s\"\n" % (CHANNEL % row) for row in (
            ("transport error", 1, 1, 0), ("no error", 1, 0, 1)))
    many = "".join("\tms-diagnostics: %d;reason=\"n\"\n" % (1000 + n)
                   for n in range(12))
    return HOSTS + call(1).replace(
        "BYE 2 tag call=c1\n", "BYE 2 tag call=c1\n" + said + blobs + many
    ) + ("sip alice:5060 bob:5060 SERVICE 1 call=q\n"
         "\tbody application/vq-rtcpxr+xml\n"
         "\t\t<VQReportEvent xmlns=\"ms-rtcp-metrics\" Version=\"1.0\">"
         "<VQSessionReport SessionId=\"c1\"><DialogInfo CallId=\"c1\" "
         "FromTag=\"f\" ToTag=\"t\"/><MediaLine Label=\"main-audio\">"
         "<Description><Connectivity><Ice>RELAY</Ice><IceWarningFlags>16"
         "</IceWarningFlags></Connectivity></Description>"
         "<InboundStream Id=\"0x11\"><Network><PacketLoss><LossRate>0.09"
         "</LossRate></PacketLoss><Jitter><InterArrival>12</InterArrival>"
         "</Jitter><Delay><RoundTrip>80</RoundTrip></Delay><Utilization>"
         "<Packets>1234</Packets></Utilization></Network><Payload>"
         "<Audio/></Payload><QualityEstimates><Audio><RecvListenMOS>3.25"
         "</RecvListenMOS></Audio></QualityEstimates></InboundStream>"
         "</MediaLine></VQSessionReport></VQReportEvent>\n"
         "sip bob:5060 alice:5060 200 1 SERVICE call=q\n")


MS_LOGIN = "ms login=alice:rtcmedia:secret"


def ms_turn_tells():
    """Versions of both sides that differ, software, stream, bandwidth."""
    return HOSTS + (
        "stun alice:5000 relay:3478 allocate 1 ms ms-version=4 "
        "0x8055=hex:00010001 bandwidth=64\n"
        "stun relay:3478 alice:5000 allocate-success 1 ms ms-version=6 "
        "software=2.0.1.211 mapped-address=relay:50000 "
        "xor-mapped-address=alice:5000 lifetime=600\n"
        "stun alice:5002 relay:3478 allocate 2 ms ms-version=4 "
        "0x8055=hex:00090009\n"
        "stun relay:3478 alice:5002 allocate-success 2 ms ms-version=4 "
        "mapped-address=relay:50002 xor-mapped-address=alice:5002 "
        "lifetime=600\n")


def token_asked_again():
    """A request with a route, sent three times and not answered."""
    uri = "sip:edge01.example.test@example.test;gruu;opaque=srvr:MRAS:AAEC"
    return HOSTS + (
        "sip alice:5060 bob:5060 SERVICE 1 from=sip:alice@example.test "
        "to=%s call=m\n\tContent-Type: x\n"
        "\tbody application/msrtc-media-relay-auth+xml\n"
        "\t\t<request requestID=\"1\" version=\"2.0\" to=\"%s\" "
        "from=\"sip:alice@example.test\" "
        "xmlns=\"http://schemas.microsoft.com/2006/09/sip/mrasp\" "
        "route=\"loadbalanced\"><credentialsRequest "
        "credentialsRequestID=\"1\"><identity>sip:alice@example.test"
        "</identity><location>internet</location><duration>480</duration>"
        "</credentialsRequest></request>\nagain 2 500ms\nwait 40s\n" %
        (uri, uri)).replace("\tContent-Type: x\n", "")


def web_unanswered():
    return HOSTS + (
        "tcp w alice:50101 bob:80\ntext w>\n"
        "\tPOST /WebTicket/WebTicketService.svc HTTP/1.1\n"
        "\tHost: pool01.example.test\n\tContent-Length: 0\n\t-\nwait 9s\n")


def much_media():
    """More streams than are listed, one with a hole."""
    return HOSTS + call(1).replace(
        "sip alice:5060 bob:5060 BYE",
        "".join("rtp alice:6002 bob:7002 ssrc=%d count=10 every=20ms\n" % n
                for n in range(1, 19)) +
        "rtp alice:6002 bob:7002 ssrc=1 skip=3\n"
        "rtp alice:6002 bob:7002 ssrc=1 count=5 every=20ms\n"
        "sip alice:5060 bob:5060 BYE")


def many_traces():
    """More lines of a log about media than are shown."""
    return HOSTS + "stun alice:5000 relay:3478 binding 1\n" + "".join(
        "logged uccapi alice\n\t%s" % line.replace("\n\t", "\n\t\t")
        for line in ("sip alice:5060 bob:5060 INVITE 1\n\tsdp alice:6000\n",
                     "sip bob:5060 alice:5060 486 1 INVITE\n")
    ) + "logged uccapi alice\n" + "".join(
        "\ttrace \"MR-INFO ICE: step %d\"\n" % n for n in range(15))


def logged_call(number, body):
    """By alice's log: an answered call with ICE, and what stands in it."""
    of = "from=sip:alice@example.test to=sip:bob@example.test call=w%d" % number
    return "".join("logged uccapi alice\n\t" + line for line in (
        "sip alice:5060 bob:5060 INVITE 1 %s\n\t\tsdp alice:6000 "
        "ice=aaaa:aaaaaaaaaaaaaaaaaaaaaa host%s\n" % (of, body[0]),
        "sip bob:5060 alice:5060 200 1 INVITE %s\n\t\tsdp bob:7000 "
        "ice=bbbb:bbbbbbbbbbbbbbbbbbbbbb host\n" % of,
        "sip alice:5060 bob:5060 ACK 1 tag %s\n%s" % (of, body[1]),
        "sip alice:5060 bob:5060 BYE 2 tag %s\n%s" % (of, body[2]),
        "sip bob:5060 alice:5060 200 2 BYE %s\n" % of))


def log_warns():
    """What a log alone tells of relays: a line beside the messages, a header
    though a relay is offered, the header alone with a relay, and nothing."""
    said = ("\t\tms-client-diagnostics: 23;reason=\"no way\";CallerMediaDebug="
            "\"audio:ICEWarn=%s,LocalSite=192.0.2.10:6000,LocalMR=%s\"\n")
    return HOSTS + "stun alice:5000 relay:3478 binding 1\n" + "wait 9s\n".join(
        logged_call(number, body) for number, body in enumerate((
            ("", "logged uccapi alice\n\ttrace \"MR-INFO audio: "
             "ICEWarn=0x4002\"\n", ""),
            (" relay=relay:50000", "", said % ("0x2", "203.0.113.5:50000")),
            ("", "", said % ("0x20", "203.0.113.5:50000")),
            ("", "", ""))))


def interfaces_apart():
    """Two interfaces of one file see the same call by two clocks."""
    return HOSTS + "vantage 0 1+2s\n" + call(1) + call(2)


def one_opening():
    """Three calls from one host that want the same opening."""
    out = HOSTS
    for n in range(3):
        of = " call=w%d" % n
        out += ("sip alice:5060 bob:5060 INVITE 1%s\n"
                "\tsdp alice:6000 ice=a%03d host\n"
                "sip bob:5060 alice:5060 200 1 INVITE%s\n"
                "\tsdp bob:5002 ice=b%03d host\n"
                "sip alice:5060 bob:5060 ACK 1 tag%s\n"
                "check alice:6000 bob:5002 %d a%03d b%03d ice-controlling=1\n"
                "again 6 500ms\nwait 2s\n"
                "sip alice:5060 bob:5060 BYE 2 tag%s\n"
                "sip bob:5060 alice:5060 200 2 BYE%s\n" % (
                    of, n, of, n, of, n + 1, n, n, of, of))
    return out


def older_relays():
    """Two allocations that are older than the capture: of one a peer tells
    the address, of the other nobody does."""
    refresh = ("stun alice:{0} relay:3478 refresh {1} "
               "login=alice:example.org:secret lifetime=600\n"
               "stun relay:3478 alice:{0} refresh-success {1} "
               "login=alice:example.org:secret lifetime=600\n"
               "stun alice:{0} relay:3478 send-indication 1{1} "
               "xor-peer-address=bob:{2}\n"
               "\tcheck 2{1} aaaa bbbb ice-controlling=1\n")
    return (HOSTS + "ice bbbb bbbbbbbbbbbbbbbbbbbbbb\n" +
            refresh.format(5000, 1, 6000) +
            "stun relay:3478 alice:5000 data-indication 3 "
            "xor-peer-address=bob:6000\n"
            "\tanswer 21 bbbb xor-mapped-address=203.0.113.5:49160\n" +
            refresh.format(5001, 4, 6002) + "again 3 500ms\n")


def other_lifetime():
    """A Refresh gives less time than the Allocate did."""
    return HOSTS + (
        "stun alice:5000 relay:3478 allocate 1 lifetime=3600\n"
        "stun relay:3478 alice:5000 allocate-success 1 lifetime=3600 "
        "xor-relayed-address=relay:50000 xor-mapped-address=alice:5000\n"
        "wait 300s\n"
        "stun alice:5000 relay:3478 refresh 2 lifetime=3600\n"
        "stun relay:3478 alice:5000 refresh-success 2 lifetime=600\n")


def stray_media():
    """Media of nobody beside an allocation, more than are shown, one of them
    with an answer."""
    return HOSTS + (
        "stun alice:5000 relay:3478 allocate 1\n"
        "stun relay:3478 alice:5000 allocate-success 1 "
        "xor-relayed-address=relay:50000 xor-mapped-address=alice:5000\n" +
        "".join("rtp alice:%d bob:%d ssrc=%d count=20 every=20ms\n" %
                (6000 + 2 * n, 7000 + 2 * n, n + 1) for n in range(2)) +
        "rtp bob:9000 192.0.2.77:9000 ssrc=77 count=20 every=20ms\n" +
        "rtp bob:7000 alice:6000 ssrc=99 count=20 every=20ms\n" +
        "".join("rtp bob:%d alice:%d ssrc=%d count=20 every=20ms\n" %
                (7100 + 2 * n, 6100 + 2 * n, n + 200) for n in range(9)))


def generations():
    """Clients of Lync tell their age by their relays, and a network."""
    def sdp(who, port, ufrag, relays, more):
        return ("\tsdp %s:%d ice=%s:aaaaaaaaaaaaaaaaaaaaaa\n" %
                (who, port, ufrag) + "\t\ta=candidate:1 1 UDP 2130706431 "
                "192.0.2.%d %d typ host\n%s" % (
                    {"alice": 10, "bob": 20}[who], port, more) +
                "".join("\t\ta=candidate:%d 1 %s 203.0.113.5 5000%d typ relay"
                        " raddr 192.0.2.10 rport %d\n" % (n + 2, text, n, port)
                        for n, text in enumerate(relays)))
    return HOSTS + (
        "sip alice:5060 bob:5060 INVITE 1\n" +
        sdp("alice", 5000, "aaaa", ["UDP 184548351", "TCP-PASS 174456319"],
            "\t\ta=x-candidate-info:1 network-type=WLAN\n") +
        "sip bob:5060 alice:5060 200 1 INVITE\n" +
        sdp("bob", 6000, "bbbb", ["UDP 16648703"], "") +
        "sip alice:5060 bob:5060 ACK 1 tag\n"
        "check alice:5000 bob:6000 1 aaaa bbbb ice-controlling=1 "
        "use-candidate\nanswer bob:6000 alice:5000 1 bbbb\n"
        "sip alice:5060 bob:5060 INVITE 2 tag\n"
        "\tsdp alice:5000 ice=aaaa:aaaaaaaaaaaaaaaaaaaaaa host version=2\n"
        "\t\ta=remote-candidates:1 192.0.2.20 6000\n"
        "sip bob:5060 alice:5060 200 2 INVITE\n"
        "\tsdp bob:6000 ice=bbbb:aaaaaaaaaaaaaaaaaaaaaa host version=2\n"
        "\t\ta=remote-candidates:1 192.0.2.10 5000\n"
        "sip alice:5060 bob:5060 ACK 2 tag\n"
        "sip alice:5060 bob:5060 BYE 3 tag\n"
        "sip bob:5060 alice:5060 200 3 BYE\n")


def version_of_server():
    """Only the relay tells a version of [MS-TURN]."""
    return HOSTS + (
        "stun alice:5000 relay:3478 allocate 1 ms -ms-version\n"
        "stun relay:3478 alice:5000 allocate-success 1 ms ms-version=6 "
        "mapped-address=relay:50000 xor-mapped-address=alice:5000\n")


def one_of_another_day():
    """Last words; what another file shows is no time to go on."""
    return HOSTS + ("stun alice:5000 relay:3478 allocate 1\n"
                    "stun relay:3478 alice:5000 allocate-error 1 "
                    "error-code=401 realm=example.org nonce=abcdefgh\n"
                    "sip bob:5060 relay:5060 OPTIONS 1 call=o\n"
                    "sip relay:5060 bob:5060 200 1 OPTIONS call=o\n"
                    "tcp a alice:52001 relay:5060\n"
                    "sip a> REGISTER 1\n")


def many_hops():
    """An INVITE that passes more servers than there are letters for."""
    hops = ["192.0.2.10:5060"] + ["198.51.100.%d:5060" % n
                                  for n in range(1, 10)]
    out, via = HOSTS, []
    for here, there in zip(hops, hops[1:]):
        out += "sip %s %s INVITE 1%s\n\tsdp alice:6000\n" % (
            here, there, " via=" + ",".join(via) if via else "")
        via.insert(0, here)
    return out


RECIPES = {
    "token-asked-again": token_asked_again,
    "generations": generations,
    "web-unanswered": web_unanswered,
    "much-media": much_media,
    "many-traces": many_traces,
    "many-pairs": many_pairs,
    "many-failures": many_failures,
    "silent-relay": silent_relay,
    "some-failures": some_failures,
    "unreadable-sip": unreadable_sip,
    "openings-of-ipv6": openings_of_ipv6,
    "address-aside": address_aside,
    "peer-gone": peer_gone,
    "trickled": trickled,
    "kept-alive": kept_alive,
    "pairs-in-turn": pairs_in_turn,
    "answer-shown-again": answer_shown_again,
    "answers-alone": answers_alone,
    "log-warns": log_warns,
    "interfaces-apart": interfaces_apart,
    "good-calls": good_calls,
    "checks-without-candidates": checks_without_candidates,
    "many-endings": many_endings,
    "media-only": media_only,
    "many-bindings": many_bindings,
    "many-openings": many_openings,
    "refused-ways": refused_ways,
    "words-of-clients": words_of_clients,
    "ms-turn-tells": ms_turn_tells,
    "one-opening": one_opening,
    "older-relays": older_relays,
    "other-lifetime": other_lifetime,
    "version-of-server": version_of_server,
    "stray-media": stray_media,
    "many-hops": many_hops,
    "of-another-day": one_of_another_day,
}


# ---- packets of others ----

def hello(name):
    """A ClientHello of TLS 1.2 that asks for a name."""
    name = name.encode()
    names = struct.pack("!BH", 0, len(name)) + name
    names = struct.pack("!H", len(names)) + names
    extension = struct.pack("!HH", 0, len(names)) + names
    body = (b"\3\3" + bytes(32) + b"\0" + b"\0\2\0\x2f" + b"\1\0" +
            struct.pack("!H", len(extension)) + extension)
    shake = b"\1" + struct.pack("!I", len(body))[1:] + body
    return b"\x16\3\1" + struct.pack("!H", len(shake)) + shake


def tls(port, name):
    client, server = ("192.0.2.1", port), ("192.0.2.9", 443)
    return [packets.tcp(client, server, 0, b"", 2, 0),
            packets.tcp(server, client, 0, b"", 0x12, 1),
            packets.tcp(client, server, 1, hello(name))]


def others_traffic():
    """What a capture at the wrong place holds."""
    frames = [b"\xff" * 6 + b"\x02\0\0\0\0\2\x08\x06" + bytes(28)] * 2
    frames += [packets.ip4("192.0.2.1", "192.0.2.2", number, bytes(40))
               for number in (2, 89, 132, 253)]
    broken = packets.ip4("192.0.2.1", "192.0.2.2", 17, bytes(8))
    frames += [broken[:14] + b"\x41" + broken[15:]] * 3
    for number in range(14):
        frames += tls(40000 + number, "host%d.example" % number)
    frames += tls(40100, "host0.example")
    frames.append(packets.tcp(("192.0.2.1", 41000), ("192.0.2.8", 8443), 0,
                              b"", 2, 0))
    for number in range(16):
        client, server = ("192.0.2.1", 45000), ("192.0.2.6", 1001 + number)
        frames += [packets.tcp(client, server, 0, b"", 2, 0),
                   packets.tcp(server, client, 0, b"", 0x12, 1),
                   packets.tcp(client, server, 1, b"\xde\xad")]
    for number in range(2):
        client, server = ("192.0.2.1", 41001 + number), ("192.0.2.8", 8443)
        frames += [packets.tcp(client, server, 0, b"", 2, 0),
                   packets.tcp(server, client, 0, b"", 0x12, 1)]
    quic = b"\xc3\0\0\0\1" + bytes(60)
    dtls = b"\x16\xfe\xff" + bytes(8) + b"\0\x0c" + b"\1" + bytes(11)
    frames += [packets.udp(("192.0.2.1", 42000), ("192.0.2.9", 443), quic),
               packets.udp(("192.0.2.1", 42001), ("192.0.2.9", 4433), dtls)]
    for number in range(20):
        frames.append(packets.udp(("192.0.2.1", 43000),
                                  ("192.0.2.7", 20000 + 31 * number),
                                  b"\xde\xad\xbe\xef"))
    return packets.pcap(frames)


def hidden_calls():
    """Calls that cannot be read: H.323 that began before, one direction of
    TCP, IPsec, SSL 3, frames that are cut."""
    ssl = b"\x16\3\0\0\x2a\2\0\0\x26\3\0" + bytes(32) + b"\0\0\x05\0"
    ask = b"\x16\3\0\0\x2d\1\0\0\x29\3\0" + bytes(32) + b"\0\0\2\0\5\1\0"
    client, server = ("192.0.2.1", 46000), ("192.0.2.9", 5061)
    frames = [packets.tcp(client, server, 0, b"", 2, 0),
              packets.tcp(server, client, 0, b"", 0x12, 1),
              packets.tcp(client, server, 1, ask),
              packets.tcp(server, client, 1, ssl, ack=51)]
    h323 = ("192.0.2.5", 1720)
    for number in range(4):
        client = ("192.0.2.1", 46100 + number)
        frames += [packets.tcp(client, h323, 100, b"\3\0\0\x08\x08\2\0\1"),
                   packets.tcp(client, h323, 108, b"\3\0\0\x08\x08\2\0\1",
                               ack=9)]
    frames += [packets.ip4("192.0.2.1", "192.0.2.2", 50, bytes(60))] * 2
    data = packets.pcap(frames)
    return data + packets.record(len(frames), packets.udp(
        ("192.0.2.1", 47000), ("192.0.2.3", 4569), bytes(400))[:96], 442)


def no_ip():
    return packets.pcap([b"\xff" * 6 + b"\x02\0\0\0\0\2\x08\x06" + bytes(28)])


def dark_turn():
    """DTLS at a port of TURN, and some of it 1.3 (RFC 9147 5.3)."""
    def shake(kind, body):
        part = (bytes([kind]) + struct.pack("!I", len(body))[1:] + b"\0\0" +
                bytes(3) + struct.pack("!I", len(body))[1:] + body)
        return b"\x16\xfe\xfd" + bytes(8) + struct.pack("!H", len(part)) + part
    versions = struct.pack("!HHH", 43, 2, 0xfefc)
    client = (b"\xfe\xfd" + bytes(32) + b"\0\0" + b"\0\2\x13\1" + b"\1\0" +
              struct.pack("!H", 7) + struct.pack("!HHBH", 43, 3, 2, 0xfefc))
    server = (b"\xfe\xfd" + bytes(32) + b"\0" + b"\x13\1\0" +
              struct.pack("!H", len(versions)) + versions)
    here, there = ("192.0.2.1", 42001), ("192.0.2.9", 3478)
    return packets.pcap([packets.udp(here, there, shake(1, client)),
                         packets.udp(there, here, shake(2, server)),
                         packets.udp(here, there, b"\x2f\0\1\0\x20" +
                                     bytes(32))])


CAPTURES = {"dark-turn.pcap": dark_turn,
            "others-traffic.pcap": others_traffic, "no-ip.pcap": no_ip,
            "hidden-calls.pcap": hidden_calls}
