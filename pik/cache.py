"""The cache of pages, pictures and login limits: it may be away, and then nobody is locked out."""

from django_redis.cache import RedisCache


class OptionalCache(RedisCache):
    """Redis as a cache that nothing depends on: when it is away, reads find nothing and `add` succeeds.

    Whoever takes a lock or counts attempts with `add` goes on then, instead of waiting for a server that is not there.
    """

    def add(self, *args: object, **kwargs: object) -> bool:
        # None, unlike False, is the answer of a connection that failed and was ignored.
        return super().add(*args, **kwargs) is not False
