/* Addresses. */
#include "config.h"

#include <errno.h>
#include <netdb.h>
#include <unistd.h>

#include "io/sockets.h"
#include "probe/address.h"

/* A UDP socket that is connected has sent nothing, but knows its address. */
bool address_from(const struct endpoint *to, struct endpoint *out)
{
	union socket_address at;
	socklen_t n = socket_address_of(to, &at);
	int fd = socket(at.any.sa_family, SOCK_DGRAM, 0), error = 0;

	if (fd < 0)
		return false;
	if (connect(fd, &at.any, n) != 0) {
		error = errno;
	} else {
		*out = socket_local(fd);
	}
	(void)close(fd);
	errno = error;
	if (error)
		return false;
	out->port = 0;
	return out->family != FAMILY_NONE;
}

size_t address_find(const char *host, uint16_t port, struct endpoint out[2],
		    const char **reason)
{
	struct addrinfo hints = {.ai_family = AF_UNSPEC,
				 .ai_socktype = SOCK_DGRAM};
	struct addrinfo *list = NULL;
	size_t count = 0;
	int result = getaddrinfo(host, NULL, &hints, &list);

	if (result != 0) {
		*reason = gai_strerror(result);
		return 0;
	}
	for (const struct addrinfo *a = list; a && count < 2; a = a->ai_next) {
		union socket_address at = {.any.sa_family = AF_UNSPEC};
		struct endpoint e;

		if (a->ai_addrlen > sizeof(at))
			continue;
		memcpy(&at, a->ai_addr, a->ai_addrlen);
		e = endpoint_of_socket(&at);
		e.port = port;
		if (e.family != FAMILY_NONE &&
		    (count == 0 || out[0].family != e.family))
			out[count++] = e;
	}
	freeaddrinfo(list);
	*reason = count ? "" : "no address";
	return count;
}
