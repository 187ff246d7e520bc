"""The PyPI package `riak` 2.7.0 against a running cluster, over both of its transports.

Usage: riak_client.py HOST PBC-PORT HTTP-PORT. Ends with status 0 when everything was as expected.
"""

import collections
import collections.abc
import sys
import warnings

# What the package, of 2016, needs of the Python of its day: names that left `collections` in Python 3.10, and an
# argument of `namedtuple` that went in 3.7.
_namedtuple = collections.namedtuple
collections.namedtuple = lambda *args, verbose=False, **named: _namedtuple(*args, **named)
for name in collections.abc.__all__:
    if not hasattr(collections, name):
        setattr(collections, name, getattr(collections.abc, name))
warnings.simplefilter("ignore")

import riak  # noqa: E402
from riak import RiakClient, RiakError  # noqa: E402

# Lists are guarded by a warning only.
riak.disable_list_exceptions = True


def check(condition, what):
    if not condition:
        raise AssertionError(what)


def exercise(client, protocol):
    check(client.ping(), "ping")
    bucket = client.bucket("python-" + protocol)

    stored = bucket.new("k", data="one", content_type="text/plain")
    stored.usermeta = {"color": "blue"}
    stored.store()
    read = bucket.get("k")
    check(read.exists and read.data == "one", "get")
    check(dict(read.usermeta) == {"color": "blue"}, "metadata: %r" % read.usermeta)
    check(read.content_type == "text/plain", "content type")

    # Two writers that have seen the same value make siblings; who has seen both resolves them.
    left, right = bucket.get("k"), bucket.get("k")
    left.data = "left"
    left.store()
    right.data = "right"
    right.store(return_body=False)
    both = bucket.get("k")
    check(sorted(s.data for s in both.siblings) == ["left", "right"], "siblings: %r" % both.siblings)
    both.siblings = [both.siblings[0]]
    both.data = "both"
    both.store()
    check([s.data for s in bucket.get("k").siblings] == ["both"], "resolution")

    try:
        bucket.new("k", data="no", content_type="text/plain").store(if_none_match=True)
        raise AssertionError("if_none_match let a put through")
    except RiakError:
        pass

    generated = bucket.new(data="made", content_type="text/plain").store()
    check(bucket.get(generated.key).data == "made", "generated key")

    bucket.get("k").delete()
    check(not bucket.get("k").exists, "delete")
    again = bucket.new("k", data="again", content_type="text/plain").store()
    check("again" in [s.data for s in again.siblings], "written again")

    check(bucket.get_property("n_val") == 3, "n_val")
    bucket.set_properties({"allow_mult": False, "r": 1})
    check(bucket.get_property("allow_mult") is False, "allow_mult")
    check(bucket.get_property("r") == 1, "r: %r" % bucket.get_property("r"))
    bucket.clear_properties()
    check(bucket.get_property("allow_mult") is True, "cleared properties")

    names = {"x%03d" % number for number in range(100)}
    for name in names:
        bucket.new(name, data="v", content_type="text/plain").store(return_body=False)
    check(names <= set(bucket.get_keys()), "keys")
    streamed = [name for piece in bucket.stream_keys() for name in piece]
    check(names <= set(streamed) and len(streamed) == len(set(streamed)), "streamed keys")
    check(bucket.name in [b.name for b in client.get_buckets()], "buckets")
    check(bucket.name in [b.name for piece in client.stream_buckets() for b in piece], "streamed buckets")

    # A type is made by setting its properties.
    kind = client.bucket_type("python")
    kind.set_property("allow_mult", False)
    check(kind.get_property("allow_mult") is False, "type properties")
    typed = kind.bucket(bucket.name)
    typed.new("k", data="typed", content_type="text/plain").store()
    check(typed.get("k").data == "typed", "typed get")
    check(typed.get_keys() == ["k"], "typed keys: %r" % typed.get_keys())
    check([b.name for b in kind.get_buckets()].count(bucket.name) == 1, "typed buckets")

    if protocol == "pbc":
        homes = client.get_preflist(bucket, "k") if hasattr(client, "get_preflist") else bucket.get_preflist("k")
        check(len(homes) == 3, "preference list: %r" % homes)


def main():
    host, pbc, http = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    for protocol in ("pbc", "http"):
        client = RiakClient(protocol=protocol, host=host, pb_port=pbc, http_port=http)
        try:
            exercise(client, protocol)
            print("riak %s over %s: all as expected" % ("2.7.0", protocol))
        finally:
            client.close()


main()
