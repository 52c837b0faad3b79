"""What each recording must tell: lines of check.py that must come, in this
order, each somewhere after the one before; and lines that must not come."""

import re

REGISTERED = (r"REGISTER ", r" 401 ", r"REGISTER .*username=alice",
              r" 200 .*REGISTER")
ALLOCATED = (r"Allocate request", r"Allocate error .*401",
             r"Allocate request .*alice .*verified",
             r"Allocate success .*relayed=203.0.113.5:.*verified")
# The answer to BYE and the end of the allocation come in any order.
GOODBYE = r" 200 .*BYE|Refresh request .*lifetime=0|Refresh success"
RELAYED_PAIR = r"\[channel 4000\] Binding "
PLAIN_CALL = (r"INVITE ", r" 180 ", r" 200 .*INVITE", r"ACK ", r"BYE ",
              r" 200 .*BYE")
ENCRYPTED_CALL = (
    r"Binding request 203.0.113.\d0:\d+ > 203.0.113.\d0:.*unchecked",
    ) + 3 * (r"Binding request .*USE-CANDIDATE|RTP .*starts",)
# Hellos, then data in the next epoch, which is encrypted.
IN_DTLS = (r"unknown .* > 203.0.113.5:5349 16fe", r"unknown .* 16fefd0000",
           r"unknown .* > 203.0.113.5:5349 17fefd0001",
           r"unknown 203.0.113.5:5349 > .* 17fefd0001")

STORIES = {
    "register-ok": REGISTERED + (r"REGISTER .*expires=0", r" 200 .*REGISTER"),
    "registration-wrong-password-failed":
        REGISTERED[:3] + (r" 401 ", r"REGISTER .*username=alice", r" 401 "),
    "allocate-wrong-password-failed": REGISTERED + (
        r"Allocate error .*401", r"Allocate request .*alice .*no key fits",
        r"Allocate error .*401", r"INVITE .*host .*srflx", r" 200 .*INVITE",
        r"Binding request 10.1.0.2:\d+ > 10.2.0.2:.*verified",
        r"Binding request 10.1.0.2:\d+ > 203.0.113.20:.*verified",
        r"BYE ", r" 200 .*BYE"),
    "call-codecs-differ-488": REGISTERED + (
        r"INVITE ", r" 488 ", r"ACK "),
    "call-srtp-refused-488": REGISTERED + (
        r"INVITE ", r" 488 ", r"ACK "),
    "call-wrong-password-407": REGISTERED + (
        r"INVITE ", r" 407 ", r"ACK ", r"INVITE ", r" 407 ", r"ACK "),
    "call-with-video-established": REGISTERED + (
        r"INVITE .*ufrag=", r" 200 .*ufrag=",
        r"Binding .*USE-CANDIDATE", r"Binding .*USE-CANDIDATE",
        r"RTP .*starts", r"RTP .*starts", r"RTP .*starts", r"RTP .*starts",
        r"BYE ", r" 200 .*BYE"),
    # What DTLS says is for others to read.
    "call-certificate-differs-failed.callee": (
        r"REGISTER .*username=bob", r" 200 .*REGISTER", r"INVITE ",
        r" 200 .*INVITE", r"ACK ", r"BYE sip:alice", r" 200 .*BYE"),
    "call-transfer-fails-established": REGISTERED + (
        r"INVITE ", r" 200 .*INVITE", r"RTP .*starts", r"RTP .*starts",
        r"REFER ", r" 202 .*REFER", r"NOTIFY ", r" 404 ", r"BYE ",
        r" 200 .*BYE"),
    "call-relay-restarts-broken": REGISTERED + ALLOCATED + (
        r"INVITE ", r" 200 .*INVITE", r"ChannelBind success", r"RTP .*starts",
        r"Refresh request", r"Refresh error .*437", r"BYE "),
    "call-loop-483": REGISTERED + (r"INVITE ", r" 483 ", r"ACK "),
    "call-dtls-roles-failed": REGISTERED + (
        r"INVITE ", r" 200 .*INVITE", r"ACK ", r"BYE ", r" 200 .*BYE"),
    "call-nat-unknown-unanswered.server": (
        r"REGISTER .*username=bob", r" 200 .*REGISTER",
        r"REGISTER .*username=alice", r" 200 .*REGISTER", r"INVITE ",
        r" 100 ") + 4 * (r"INVITE .* > 10.2.0.2:5060",) + (r" 408 ", r"ACK "),
    "call-role-conflict-established": (
        r"INVITE ", r" 200 .*INVITE", r"Binding error .*487",
        r"Binding request .*USE-CANDIDATE", r"RTP .*starts", r"BYE "),
    "call-server-error-500": REGISTERED + (r"INVITE ", r" 500 ", r"ACK "),
    "call-callee-silent-408": REGISTERED + (
        r"INVITE ", r" 100 ", r" 408 ", r"ACK "),
    "call-ack-barred-established": REGISTERED + (
        r"INVITE ", r" 200 .*INVITE", r"ACK ", r" 200 .*INVITE", r"ACK ",
        r"BYE ", r" 200 .*BYE"),
    "call-one-way-established": REGISTERED + (
        r"INVITE ", r" 200 .*INVITE", r"RTP .*starts", r"BYE ",
        r" 200 .*BYE"),
    "call-private-address-established": REGISTERED + (
        r"INVITE ", r" 200 .*INVITE", r"RTP .*10.2.0.2.*starts", r"BYE ",
        r" 200 .*BYE"),
    "call-callee-restarts-481": REGISTERED + (
        r"INVITE ", r" 200 .*INVITE", r"RTP .*starts", r"RTP .*starts",
        r"BYE ", r" 481 .*BYE"),
    "registration-closed-port-failed": (
        r"REGISTER ", r"ICMP 3/3 203.0.113.5 > 203.0.113.30"),
    "registration-silent-server-failed": 7 * (r"REGISTER ",),
    # TLS is no message to check.py.
    "registration-tls-refused-failed": (),
    "allocate-quota-failed": (
        r"Allocate success .*relayed=.*verified",
        r"Allocate request .*alice .*verified", r"Allocate error .*486"),
    "allocate-tcp-relay-failed": (
        r"Allocate request .*alice .*verified", r"Allocate error .*442"),
    "allocate-peer-denied-failed": (
        r"Allocate success .*relayed=.*verified",
        r"CreatePermission error .*403|ChannelBind error .*403"),
    "call-rejected-486": REGISTERED + ALLOCATED + (
        r"INVITE .*relay ", r" 180 ", r" 486 ", r"ACK ",
        r"Refresh request .*lifetime=0", r"Refresh success"),
    "call-over-relay-established": REGISTERED + ALLOCATED + (
        r"INVITE .*relay ", r" 180 ", r" 200 .*INVITE.*relay ",
        r"ChannelBind request .*channel=4000 .*verified",
        r"ChannelBind success .*verified",
        RELAYED_PAIR + r"request .*203.0.113.5:3478 >.*verified",
        RELAYED_PAIR + r"request 10.1.0.2.*USE-CANDIDATE.*verified",
        RELAYED_PAIR + r"success .*203.0.113.5:3478 >.*verified",
        r"\[channel 4000\] RTP .*starts", r"BYE ") + 3 * (GOODBYE,),
    "call-over-srflx-established": REGISTERED + (
        r"Binding success .*mapped=203.0.113.10:", r"INVITE .*srflx ",
        r" 200 .*INVITE.*srflx ",
        r"Binding request 10.1.0.2.*USE-CANDIDATE.*verified",
        r"RTP .*starts", r"BYE ", r" 200 .*BYE"),
    "call-over-host-established": REGISTERED + (
        r"INVITE .*host ", r" 200 .*INVITE.*host ",
        r"Binding request 203.0.113.30.* > 203.0.113.40.*USE-CANDIDATE"
        r".*verified", r"RTP .*starts", r"BYE ", r" 200 .*BYE"),
    # The call itself is inside of TLS, which check.py does not open.
    "call-over-tls-established": ENCRYPTED_CALL,
    "call-over-tls-established.secrets": ENCRYPTED_CALL,
    "call-over-tls-rsa-established": ENCRYPTED_CALL,
    "call-without-ice-established": REGISTERED + (
        r"INVITE ", r" 200 .*INVITE", r"RTP .*starts", r"RTP .*starts",
        r"BYE ", r" 200 .*BYE"),
    "call-no-pair-failed": REGISTERED + (
        r"Binding success .*mapped=203.0.113.10:", r"INVITE .*srflx",
        r" 200 .*INVITE", r"Binding request 10.1.0.2:\d+ > 10.2.0.2:",
        r"Binding request 10.1.0.2:\d+ > 203.0.113.20:", r"BYE ",
        r" 200 .*BYE"),
    "allocate-silent-server-failed": REGISTERED + 4 * (
        r"Allocate request ",),
    "allocate-closed-port-failed": REGISTERED + (
        r"Allocate request ", r"ICMP 3/3 203.0.113.5 > 10.1.0.2"),
    "allocate-rest-ok": (
        r"Allocate request ", r"Allocate error .*401",
        r"Allocate request .*username=\d+:alice .*verified",
        r"Allocate success .*relayed=.*verified",
        r"ChannelBind success .*verified", r"\[channel \w+\] unknown ",
        r"Refresh request .*lifetime=0"),
    "allocate-rest-expired-failed": (
        r"Allocate request ", r"Allocate error .*401",
        r"Allocate request .*username=1700000000:alice .*verified",
        r"Allocate error .*401"),
    "allocate-two-families-ok": (
        r"Allocate request ", r"Allocate error .*401",
        r"Allocate request .*alice .*verified",
        r"Allocate success .*relayed=.*verified",
        r"ChannelBind success .*verified", r"\[channel \w+\] unknown "),
    # All is inside of DTLS, which check.py does not open.
    "allocate-over-dtls-ok": IN_DTLS,
    "allocate-over-dtls-ok.secrets": IN_DTLS,
    "allocate-over-tcp-ok": (
        r"Allocate request ", r"Allocate error .*401",
        r"Allocate request .*alice .*verified",
        r"Allocate success .*relayed=.*verified",
        r"ChannelBind success .*verified", r"\[channel \w+\] unknown "),
    "call-over-ipv6-host-established": (
        r"INVITE .*host 2001:db8::30:", r" 200 .*INVITE.*host 2001:db8::40:",
        r"Binding request \[2001:db8::30\].*USE-CANDIDATE.*verified",
        r"Binding success .*mapped=\[2001:db8::30\]:.*verified",
        r"RTP .*starts", r"RTP .*starts", r"BYE ", r" 200 .*BYE"),
    "call-over-ice-tcp-established": (
        r"INVITE .*host ", r" 200 .*INVITE.*host ",
        r"Binding request .*USE-CANDIDATE.*verified",
        r"Binding success .*verified", r"RTP .*starts", r"BYE "),
    "call-over-one-relay-established.caller": ALLOCATED + (
        r"INVITE .*relay ", r" 200 .*INVITE",
        r"CreatePermission success .*verified",
        r"\[data 203.0.113.40:\d+\] Binding ", r"RTP .*starts", r"BYE "),
    "call-over-one-relay-established.relay": ALLOCATED + (
        r"CreatePermission success .*verified",
        r"\[data 203.0.113.40:\d+\] Binding ", r"RTP .*starts"),
    "call-over-one-relay-established.callee": (
        r"INVITE .*relay ", r" 200 .*INVITE",
        r"Binding request 203.0.113.40.* > 203.0.113.5:.*verified",
        r"RTP .*starts", r"BYE "),
    "call-only-sip-passes-failed": 2 * (r"Allocate request ",) + (
        r"INVITE .*host ", r" 200 .*INVITE",
        r"Binding request 203.0.113.30.* > 203.0.113.40:.*verified", r"BYE "),
    "call-families-apart-failed": (
        r"Allocate success .*relayed=", r"INVITE .*relay ",
        r" 200 .*INVITE.*host 2001:db8::40", r"BYE ", r" 200 .*BYE"),
    "checks-without-signalling-established": (
        r"Binding request .*unchecked", r"Binding success ",
        r"Binding request .*USE-CANDIDATE", r"RTP .*starts",
        r"RTP .*starts"),
    "call-over-two-relays-established.caller": REGISTERED + ALLOCATED + (
        r"INVITE .*relay ", r" 200 .*INVITE.*relay ",
        RELAYED_PAIR + r"request 10.1.0.2.*USE-CANDIDATE.*verified",
        RELAYED_PAIR + r"success .*203.0.113.5:3478 >.*verified",
        r"\[channel 4000\] RTP .*starts", r"BYE "),
    "call-over-two-relays-established.callee": (
        r"INVITE .*relay ", r"Allocate success .*relayed=.*verified",
        r" 200 .*INVITE.*relay ",
        r"\[channel 400\d\] Binding request .*USE-CANDIDATE.*verified",
        r"\[channel 400\d\] RTP .*starts", r"BYE "),
    "call-over-two-relays-established.server": REGISTERED + (
        r"Allocate success .*relayed=.*verified", r"INVITE .*relay ",
        r"INVITE .*relay ", r"Allocate success .*relayed=.*verified",
        r" 200 .*INVITE.*relay ", r" 200 .*INVITE.*relay ",
        r"\[channel 400\d\] RTP .*starts", r"BYE ", r"BYE "),
    "call-over-tcp-established": 3 * PLAIN_CALL,
    "call-over-udp-established": PLAIN_CALL,
    "call-over-ipv6-established":
        (r"INVITE sip:bob@\[2001:db8::40\]:5060 ",) + PLAIN_CALL[1:],
    "call-invite-fragmented-established":
        (r"fragment ",) + PLAIN_CALL,
    # Every message twice: the proxy hands it on.
    "call-over-sctp-established":
        (r"fragment ", r"INVITE ", r"INVITE ", r" 180 ", r" 180 ",
         r" 200 .*INVITE", r" 200 .*INVITE", r"ACK ", r"ACK ",
         r"BYE ", r"BYE ", r" 200 .*BYE", r" 200 .*BYE"),
    "call-declined-603": (r"INVITE ", r" 180 ", r" 603 ", r"ACK "),
    "call-cancelled-487": (r"INVITE ", r" 180 ", r"CANCEL ", r" 200 .*CANCEL",
                           r" 487 .*INVITE", r"ACK "),
    "call-lost-packets-established.caller": (r"INVITE ",) + PLAIN_CALL,
    "call-lost-packets-established.callee":
        PLAIN_CALL[:3] + (r" 200 .*INVITE",) + PLAIN_CALL[3:],
    "call-silent-host-unanswered": 6 * (r"INVITE ",),
    "call-fragments-dropped-failed.caller":
        12 * (r"fragment |INVITE ",) + (r"ICMP 11/1 ",),
    "call-fragments-dropped-failed.callee":
        6 * (r"fragment ",) + (r"ICMP 11/1 ",),
    "call-closed-port-failed": (r"INVITE ", r"ICMP 3/3 "),
}
BARRED = {
    "allocate-over-dtls-ok": r"Allocate|SIP|channel",
    "call-over-ipv6-host-established": r"no key fits",
    "call-over-ice-tcp-established": r"no key fits",
    "call-only-sip-passes-failed": r"RTP|success|error",
    "call-families-apart-failed": r"Binding|RTP",
    "checks-without-signalling-established": r"SIP|verified",
    "call-over-srflx-established": r"Allocate|no key fits",
    "call-over-host-established": r"Allocate|srflx|no key fits",
    "call-over-tls-established": r"SIP|INVITE|verified",
    "call-over-tls-rsa-established": r"SIP|INVITE|verified",
    "call-without-ice-established": r"candidate|Binding",
    "call-no-pair-failed": r"RTP|Allocate|Binding success .*10.2.0.2"
                           r"|USE-CANDIDATE",
    "allocate-silent-server-failed": r"INVITE|Allocate [^r]|ICMP",
    "allocate-closed-port-failed": r"INVITE|Allocate [^r]",
    "allocate-rest-expired-failed": r"success",
    "call-over-relay-established": r"^ *\d+ RTP|no key fits",
    "allocate-wrong-password-failed": r"RTP|Allocate success|Binding success "
                                      r".*10.2.0.2|USE-CANDIDATE",
    "registration-wrong-password-failed": r" 200 ",
    "call-silent-host-unanswered": r"SIP/2.0|ICMP|CANCEL",
    "call-closed-port-failed": r" \d\d\d .*INVITE",
    "call-fragments-dropped-failed.caller": r"SIP/2.0|CANCEL",
    "call-fragments-dropped-failed.callee": r"SIP/2.0|INVITE",
    "call-declined-603": r" 200 ",
    "call-cancelled-487": r" 200 .*INVITE",
    "call-codecs-differ-488": r" 200 .*INVITE|RTP",
    "call-srtp-refused-488": r" 200 .*INVITE|RTP",
    "call-wrong-password-407": r" 200 .*INVITE|RTP",
    "call-loop-483": r" 200 .*INVITE|RTP",
    "call-with-video-established": r"Allocate|srflx|no key fits",
    "call-server-error-500": r" 200 .*INVITE|RTP",
    "call-callee-silent-408": r" 200 .*INVITE| 180 |RTP",
    "call-one-way-established": r"RTP 203.0.113.40",
    "call-private-address-established": r"RTP .*> 10.1.0.2",
    "registration-closed-port-failed": r"SIP/2.0 \d",
    "registration-silent-server-failed": r"ICMP|SIP/2.0 \d",
    "registration-tls-refused-failed": r"REGISTER",
    "allocate-tcp-relay-failed": r"success",
    "allocate-peer-denied-failed": r"ChannelBind success|CreatePermission "
                                   r"success",
}

# Those that are not bundled (scenes_trouble.py).
ANSWERED = (r"INVITE ", r" 200 .*INVITE", r"ACK ")
STORIES.update({
    "trouble-nat-restarts": ALLOCATED + ANSWERED + (
        r"RTP .*starts", r"BYE ", r" 200 .*BYE"),
    "trouble-nat-restarts-direct": REGISTERED + ANSWERED + (
        r"Binding .*USE-CANDIDATE", r"RTP .*starts", r"BYE "),
    "trouble-lossy-wire": REGISTERED + ANSWERED + (r"RTP .*starts", r"BYE "),
    "trouble-bob-mute.callee": ANSWERED + (r"Binding request", r"BYE "),
    "trouble-bob-mute.caller": ANSWERED + (r"Binding request", r"BYE "),
    "trouble-registrar-gone": REGISTERED + 5 * (r"REGISTER .*expires=",),
    "trouble-name-unknown": (r"> 203.0.113.5:53 ", r"203.0.113.5:53 > "),
    "trouble-dumb-registrar": (r"REGISTER ",),
    "trouble-plain-to-tls": (r"REGISTER .* > 203.0.113.5:5061 ",),
    # TLS is no message to check.py.
    "trouble-tls-to-plain": (),
    "trouble-glare": REGISTERED + ANSWERED + (
        r"INVITE ", r" 491 .*INVITE", r"BYE "),
    "trouble-caller-machine-dies": REGISTERED + ANSWERED,
    "trouble-caller-machine-dies.callee": ANSWERED + (r"RTP .*starts",),
    "trouble-caller-dies": REGISTERED + ANSWERED + (
        r"ICMP 3/3", r"BYE ", r"BYE "),
    "trouble-cancel-crosses": (
        r"INVITE ", r" 180 ", r"CANCEL ", r" 200 .*INVITE", r" 481 .*CANCEL",
        r"ACK ", r"BYE "),
    "trouble-extension": (r"INVITE ", r" 420 ", r"ACK "),
    "trouble-two-phones.caller": REGISTERED + (r"INVITE ", r" 180 ", r" 180 ")
        + ANSWERED[1:],
    "trouble-two-phones.server": REGISTERED + (
        r"INVITE ", r"INVITE ", r" 180 ") + ANSWERED[1:],
    "trouble-ice-password": ANSWERED + (r"Binding error .*401", r"BYE "),
    "trouble-peer-denied": ALLOCATED[:2] + ANSWERED + (r"BYE ",),
    "trouble-no-ports": (r"Allocate error .*508",),
    "trouble-nonce-soon-stale": ALLOCATED + (r"Refresh error .*438",),
    "trouble-redirected": (r"Allocate error .*300",
                           r"Allocate request .* > 203.0.113.40:3478"),
    "trouble-relay-dumb": 3 * (r"Allocate request",),
})


def hold(name, lines):
    """What is wrong with the lines of a recording, or None; who has no story
    and is trouble is held by `told` alone."""
    if name not in STORIES and name.startswith("trouble-"):
        return None
    if name not in STORIES:
        return f"no story is known for {name}"
    rest = iter(lines)
    for part in STORIES[name]:
        if not any(re.search(part, line) for line in rest):
            return f"nothing like /{part}/ where it was expected"
    for line in lines:
        if name in BARRED and re.search(BARRED[name], line):
            return f"not expected: {line}"
    return None
