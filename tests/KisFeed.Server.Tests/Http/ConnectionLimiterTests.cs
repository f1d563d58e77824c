using System.Net;
using KisFeed.Server.Http;
using Microsoft.AspNetCore.Connections;

namespace KisFeed.Server.Tests.Http;

public sealed class ConnectionLimiterTests
{
    private int _refused;

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1", "192.0.2.2")]
    [InlineData("192.0.2.1", "::ffff:192.0.2.1", "::ffff:192.0.2.2")]
    [InlineData("2001:db8::1", "2001:db8::ffff:1", "2001:db8:0:1::1")]
    public async Task One_address_does_not_take_the_places_of_all(string one, string same, string other)
    {
        var cap = NewCap(limit: 4, limitOfAddress: 2);
        await using var first = new Visitor(cap, one);
        await using var second = new Visitor(cap, same);
        first.IsServed.ShouldBeTrue();
        second.IsServed.ShouldBeTrue();

        await using (var third = new Visitor(cap, same))
        {
            third.IsServed.ShouldBeFalse();
            _refused.ShouldBe(1);
        }

        await using var stranger = new Visitor(cap, other);
        stranger.IsServed.ShouldBeTrue();
        await first.DisposeAsync();
        await using var next = new Visitor(cap, one);
        next.IsServed.ShouldBeTrue("there is a place again");
        _refused.ShouldBe(1);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("203.0.113.7")]
    [InlineData("::ffff:203.0.113.7")]
    public async Task Programs_of_this_machine_and_clients_of_proxies_are_held_to_the_limit_over_all_alone(string address)
    {
        var cap = NewCap(limit: 3, limitOfAddress: 1);
        var visitors = Enumerable.Range(0, 4).Select(_ => new Visitor(cap, address)).ToArray();

        visitors.Select(visitor => visitor.IsServed).ShouldBe([true, true, true, false]);
        _refused.ShouldBe(1);
        foreach (var visitor in visitors)
            await visitor.DisposeAsync();
        await using var after = new Visitor(cap, "192.0.2.1");
        after.IsServed.ShouldBeTrue();
    }

    [Fact]
    public async Task Who_has_not_shown_who_it_is_makes_room_for_the_next_the_oldest_first()
    {
        var cap = NewCap(limit: 4, limitOfAddress: 4, unknown: 0.75);
        await using var known = new Visitor(cap, "192.0.2.1");
        known.Place.MarkKnown();
        var others = Enumerable.Range(0, 5).Select(_ => new Visitor(cap, "127.0.0.1")).ToArray();

        others.ShouldAllBe(visitor => visitor.IsServed);
        others.Select(visitor => visitor.IsBroken).ShouldBe([true, true, false, false, false]);
        known.IsBroken.ShouldBeFalse();
        _refused.ShouldBe(2);
        foreach (var visitor in others)
            await visitor.DisposeAsync();
        others = [.. Enumerable.Range(0, 3).Select(_ => new Visitor(cap, "127.0.0.1"))];
        others.ShouldAllBe(visitor => !visitor.IsBroken, "an aborted connection frees its place once");
        foreach (var visitor in others)
            await visitor.DisposeAsync();
    }

    [Fact]
    public async Task Many_connections_of_one_address_make_room_among_themselves()
    {
        var cap = NewCap(limit: 8, limitOfAddress: 8, unknown: 0.75);
        await using var patient = new Visitor(cap, "192.0.2.1");
        var flood = Enumerable.Range(0, 50).Select(_ => new Visitor(cap, "192.0.2.2")).ToArray();
        patient.IsBroken.ShouldBeFalse();
        await using var another = new Visitor(cap, "192.0.2.3");
        another.IsServed.ShouldBeTrue();
        patient.IsBroken.ShouldBeFalse();
        flood.Count(visitor => visitor.IsBroken).ShouldBe(46);
        foreach (var visitor in flood)
            await visitor.DisposeAsync();
    }

    [Fact]
    public async Task Places_that_consumers_have_taken_are_not_taken_from_them()
    {
        var cap = NewCap(limit: 3, limitOfAddress: 3, unknown: 0.75);
        var known = Enumerable.Range(0, 3).Select(_ => new Visitor(cap, "127.0.0.1", isKnown: true)).ToArray();
        await using var late = new Visitor(cap, "192.0.2.1");
        late.IsServed.ShouldBeFalse();
        known.ShouldAllBe(visitor => !visitor.IsBroken);
        foreach (var visitor in known)
            await visitor.DisposeAsync();
    }

    [Fact]
    public async Task The_clients_of_a_proxy_count_as_whom_they_are()
    {
        var cap = NewCap(limit: 10, limitOfAddress: 2, unknown: 0.9);
        var visitors = Enumerable.Range(0, 4).Select(_ => new Visitor(cap, "203.0.113.7")).ToArray();
        visitors[0].Place.TryMove(IPAddress.Parse("192.0.2.1")).ShouldBeTrue();
        visitors[0].Place.MarkKnown();
        visitors[1].Place.TryMove(IPAddress.Parse("192.0.2.1")).ShouldBeTrue();
        visitors[2].Place.TryMove(IPAddress.Parse("192.0.2.2")).ShouldBeTrue();

        visitors[3].Place.TryMove(IPAddress.Parse("192.0.2.1")).ShouldBeTrue();

        visitors.Select(visitor => visitor.IsBroken).ShouldBe([false, true, false, false]);
        visitors[1].Place.TryMove(IPAddress.Parse("192.0.2.3")).ShouldBeFalse("it was aborted");
        visitors[3].Place.MarkKnown();
        visitors[2].Place.TryMove(IPAddress.Parse("192.0.2.1")).ShouldBeFalse("both places belong to consumers");
        visitors[2].Place.TryMove(IPAddress.Parse("192.0.2.4")).ShouldBeTrue();
        foreach (var visitor in visitors)
            await visitor.DisposeAsync();
    }

    private ConnectionLimiter NewCap(int limit, int limitOfAddress, double? unknown = null, string proxies = "203.0.113.0/24") => new(
        new ServerLimits { MaxConnectionsPerAddress = limitOfAddress, MaxUnknownShare = unknown, OnConnectionRefused = () => _refused++, TrustedProxies = new TrustedProxies([IPNetwork.Parse(proxies)]) }, limit);

    private sealed class Visitor : IAsyncDisposable
    {
        private readonly TaskCompletionSource _leaving = new();
        private readonly Connection _connection;
        private readonly Task _visit;

        public Visitor(ConnectionLimiter cap, string address, bool isKnown = false)
        {
            _connection = new Connection { RemoteEndPoint = new IPEndPoint(IPAddress.Parse(address), 1) };
            _visit = cap.Before(_ =>
            {
                IsServed = true;
                return _leaving.Task;
            })(_connection);
            if (isKnown)
                Place.MarkKnown();
        }

        public bool IsServed { get; private set; }

        public bool IsBroken => _connection.IsBroken;

        public IConnectionPlace Place => _connection.Features.Get<IConnectionPlace>().ShouldNotBeNull();

        public async ValueTask DisposeAsync()
        {
            _leaving.TrySetResult();
            await _visit;
        }
    }

    private sealed class Connection : DefaultConnectionContext
    {
        public bool IsBroken { get; private set; }

        public override void Abort(ConnectionAbortedException abortReason) => IsBroken = true;
    }
}
