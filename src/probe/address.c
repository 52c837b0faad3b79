/* Addresses. */
#include "config.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <unistd.h>

#include "probe/address.h"

struct endpoint address_read(const struct sockaddr_storage *from)
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	if (from->ss_family == AF_INET) {
		memcpy(&v4, from, sizeof(v4));
		return endpoint_of(slice_of(&v4.sin_addr, 4),
				   ntohs(v4.sin_port));
	}
	if (from->ss_family == AF_INET6) {
		memcpy(&v6, from, sizeof(v6));
		return endpoint_of(slice_of(&v6.sin6_addr, 16),
				   ntohs(v6.sin6_port));
	}
	return (struct endpoint){0};
}

socklen_t address_write(const struct endpoint *from,
			struct sockaddr_storage *to)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET,
				 .sin_port = htons(from->port)};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6,
				  .sin6_port = htons(from->port)};

	memset(to, 0, sizeof(*to));
	if (from->family == FAMILY_IPV6) {
		memcpy(&v6.sin6_addr, from->ip, 16);
		memcpy(to, &v6, sizeof(v6));
		return sizeof(v6);
	}
	memcpy(&v4.sin_addr, from->ip, 4);
	memcpy(to, &v4, sizeof(v4));
	return sizeof(v4);
}

/* A UDP socket that is connected has sent nothing, but knows its address. */
bool address_from(const struct endpoint *to, struct endpoint *out)
{
	struct sockaddr_storage at;
	socklen_t n = address_write(to, &at);
	int fd = socket(at.ss_family, SOCK_DGRAM, 0), error = 0;

	if (fd < 0)
		return false;
	if (connect(fd, (struct sockaddr *)&at, n) != 0) {
		error = errno;
	} else {
		n = sizeof(at);
		if (getsockname(fd, (struct sockaddr *)&at, &n) != 0)
			error = errno;
	}
	(void)close(fd);
	errno = error;
	if (error)
		return false;
	*out = address_read(&at);
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
		struct sockaddr_storage at = {0};
		struct endpoint e;

		if (a->ai_addrlen > sizeof(at))
			continue;
		memcpy(&at, a->ai_addr, a->ai_addrlen);
		e = address_read(&at);
		e.port = port;
		if (e.family != FAMILY_NONE &&
		    (count == 0 || out[0].family != e.family))
			out[count++] = e;
	}
	freeaddrinfo(list);
	*reason = count ? "" : "no address";
	return count;
}
