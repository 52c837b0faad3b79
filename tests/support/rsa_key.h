/* A private key of 1024 bits (PKCS #1), made for tests and used nowhere
 * else. */
#ifndef TESTS_SUPPORT_RSA_KEY_H
#define TESTS_SUPPORT_RSA_KEY_H

#define TEST_RSA_KEY \
	"-----BEGIN RSA PRIVATE KEY-----\n" \
	"MIICXAIBAAKBgQDkpFooTD5TtwuyiU9HA3cbRrWAVjm9ol03idJB51xaWLRD2NIr\n" \
	"nkk5lhroUdHKeD4ZpTlEgvhVNUZSFGlsX32jb0zn3lBH4j1khQktq/u9pOEDmZD6\n" \
	"pSdAeMkMWWwqD+4sKu3v9yYoZY7eo7QNUDMM1fc6/WaG5BTJ7q1zmRawDwIDAQAB\n" \
	"AoGBAKK9VKqwMgC2He5TC4l5LvLMLm4NcYXHpl/cijp8aeComI5eKqH/RRFnBPnt\n" \
	"GszpLxJj5tIcApPrmoTboHoRscMkx6YpvlqQoHG8WoTHVmSRRN74of1vJKOJ/b7K\n" \
	"D5Md7HmURBRNmagViavx+UF5cDK8AjB9+V9VVPPS7fsab7XJAkEA/BjFE5Z3A0Z6\n" \
	"8L4q0pVnCxEswPKiSuKCYT5iUCbwhSMISBYZH+LPRA9iBoUkTvPrTYCO1z526j1Y\n" \
	"m+Zk86/bDQJBAOgunYHsoLrnEm2B+n3izqikwyyfvRyv3XaraC+6f1jdnZhzBWL3\n" \
	"bbRTdYwgFw0UoXlr2lGk9Q2lc41YzA1VwIsCQGrqynKjRvhxpOSDkr/bM2ejMhrn\n" \
	"DOO7q1Y40hNyYGHm2LVSAfffBs6zw3xGbX66vpoRIwOw71grCnCcR0Z+1+UCQHt3\n" \
	"HmbSj/4TlmcJMUzz6PUg+HCoWQYCNwA90d9fiwyUfJNuxrSD4qB7qQxknB1mlR9e\n" \
	"TPARigZBrxrA13FX4lUCQFu4tE3NlMjPhjKQDGk9d0PftiO87IluD0VTJ427U/Qg\n" \
	"52GH/xDth7v3RQT+uFnFSc/44om3aiqht0whCaO4/zw=\n" \
	"-----END RSA PRIVATE KEY-----\n"

#endif /* TESTS_SUPPORT_RSA_KEY_H */
