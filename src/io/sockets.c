/* Addresses and options of sockets. */
#define _GNU_SOURCE /* SOCK_NONBLOCK, IP_RECVERR */
#include "config.h"

#include <errno.h>
#include <ifaddrs.h>
#include <unistd.h>

#include <net/if.h>

#include "io/sockets.h"

socklen_t socket_address_of(const struct endpoint *e, union socket_address *out)
{
	memset(out, 0, sizeof(*out));
	if (e->family == FAMILY_IPV4) {
		out->four.sin_family = AF_INET;
		out->four.sin_port = htons(e->port);
		memcpy(&out->four.sin_addr, e->ip, 4);
		return sizeof(out->four);
	}
	if (e->family != FAMILY_IPV6)
		return 0;
	out->six.sin6_family = AF_INET6;
	out->six.sin6_port = htons(e->port);
	memcpy(&out->six.sin6_addr, e->ip, 16);
	return sizeof(out->six);
}

struct endpoint endpoint_of_socket(const union socket_address *a)
{
	if (a->any.sa_family == AF_INET)
		return endpoint_of(slice_of(&a->four.sin_addr, 4),
				   ntohs(a->four.sin_port));
	if (a->any.sa_family == AF_INET6)
		return endpoint_of(slice_of(&a->six.sin6_addr, 16),
				   ntohs(a->six.sin6_port));
	return (struct endpoint){0};
}

static bool set(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof(value)) == 0;
}

static bool prepare(int fd, const struct socket_wish *wish)
{
	if (wish->at.family == FAMILY_IPV6 &&
	    !set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1))
		return false;
	if (wish->type == SOCK_STREAM && !set(fd, SOL_SOCKET, SO_REUSEADDR, 1))
		return false;
	if (wish->shared && !set(fd, SOL_SOCKET, SO_REUSEPORT, 1))
		return false;
	/* The system gives as much of it as it allows. */
	return wish->buffer == 0 ||
	       (set(fd, SOL_SOCKET, SO_RCVBUF, wish->buffer) &&
		set(fd, SOL_SOCKET, SO_SNDBUF, wish->buffer));
}

int socket_open(const struct socket_wish *wish)
{
	union socket_address a;
	socklen_t n = socket_address_of(&wish->at, &a);
	int fd, error;

	if (n == 0) {
		errno = EAFNOSUPPORT;
		return -1;
	}
	fd = socket(a.any.sa_family, wish->type | SOCK_NONBLOCK | SOCK_CLOEXEC,
		    0);
	if (fd < 0)
		return -1;
	if (prepare(fd, wish) && bind(fd, &a.any, n) == 0)
		return fd;
	error = errno;
	close(fd);
	errno = error;
	return -1;
}

void socket_close(int fd)
{
	if (fd >= 0)
		close(fd);
}

struct endpoint socket_local(int fd)
{
	union socket_address a = {.any.sa_family = AF_UNSPEC};
	socklen_t n = sizeof(a);

	if (getsockname(fd, &a.any, &n) != 0)
		return (struct endpoint){0};
	return endpoint_of_socket(&a);
}

/* A UDP socket that is connected has sent nothing, but knows its address. */
bool socket_towards(const struct endpoint *to, struct endpoint *out)
{
	struct socket_wish wish = {.at = {.family = to->family},
				   .type = SOCK_DGRAM};
	union socket_address at;
	socklen_t n = socket_address_of(to, &at);
	int fd = socket_open(&wish), error = 0;

	if (fd < 0)
		return false;
	if (connect(fd, &at.any, n) == 0)
		*out = socket_local(fd);
	else
		error = errno;
	close(fd);
	errno = error;
	if (error)
		return false;
	out->port = 0;
	return out->family != FAMILY_NONE;
}

bool socket_wants_errors(int fd, enum address_family family)
{
	return family == FAMILY_IPV6 ? set(fd, IPPROTO_IPV6, IPV6_RECVERR, 1)
				     : set(fd, IPPROTO_IP, IP_RECVERR, 1);
}

bool socket_dont_fragment(int fd, enum address_family family, bool on)
{
	if (family == FAMILY_IPV6)
		return set(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER,
			   on ? IPV6_PMTUDISC_DO : IPV6_PMTUDISC_DONT);
	return set(fd, IPPROTO_IP, IP_MTU_DISCOVER,
		   on ? IP_PMTUDISC_DO : IP_PMTUDISC_DONT);
}

/* Link-local ones want a zone, which an endpoint does not have. */
static bool is_usable(const struct endpoint *e)
{
	return e->family == FAMILY_IPV4 ||
	       (e->family == FAMILY_IPV6 &&
		!(e->ip[0] == 0xFE && (e->ip[1] & 0xC0) == 0x80));
}

size_t socket_addresses(struct endpoint *out, size_t max)
{
	struct ifaddrs *all = NULL;
	size_t count = 0;

	if (getifaddrs(&all) != 0)
		return 0;
	for (unsigned loopback = 0; loopback < 2; loopback++)
		for (const struct ifaddrs *i = all; i; i = i->ifa_next) {
			union socket_address a = {.any.sa_family = AF_UNSPEC};
			struct endpoint e;

			if (!i->ifa_addr || count == max ||
			    !(i->ifa_flags & IFF_UP) ||
			    ((i->ifa_flags & IFF_LOOPBACK) != 0) != loopback)
				continue;
			if (i->ifa_addr->sa_family == AF_INET)
				memcpy(&a, i->ifa_addr, sizeof(a.four));
			else if (i->ifa_addr->sa_family == AF_INET6)
				memcpy(&a, i->ifa_addr, sizeof(a.six));
			e = endpoint_of_socket(&a);
			e.port = 0;
			if (is_usable(&e))
				out[count++] = e;
		}
	freeifaddrs(all);
	return count;
}
