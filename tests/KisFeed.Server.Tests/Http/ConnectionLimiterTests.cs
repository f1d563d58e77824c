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
    public async Task One_address_cannot_use_the_connections_of_others(string address, string sameAddress, string otherAddress)
    {
        var limiter = CreateLimiter(limit: 4, limitOfAddress: 2);
        await using var first = new TestConnection(limiter, address);
        await using var second = new TestConnection(limiter, sameAddress);
        first.IsServed.ShouldBeTrue();
        second.IsServed.ShouldBeTrue();

        await using (var third = new TestConnection(limiter, sameAddress))
        {
            third.IsServed.ShouldBeFalse();
            _refused.ShouldBe(1);
        }

        await using var another = new TestConnection(limiter, otherAddress);
        another.IsServed.ShouldBeTrue();
        await first.DisposeAsync();
        await using var next = new TestConnection(limiter, address);
        next.IsServed.ShouldBeTrue("a connection has ended");
        _refused.ShouldBe(1);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("203.0.113.7")]
    [InlineData("::ffff:203.0.113.7")]
    public async Task Local_programs_and_clients_of_proxies_are_bound_only_by_the_total_limit(string address)
    {
        var limiter = CreateLimiter(limit: 3, limitOfAddress: 1);
        var connections = Enumerable.Range(0, 4).Select(_ => new TestConnection(limiter, address)).ToArray();

        connections.Select(connection => connection.IsServed).ShouldBe([true, true, true, false]);
        _refused.ShouldBe(1);
        foreach (var connection in connections)
            await connection.DisposeAsync();
        await using var after = new TestConnection(limiter, "192.0.2.1");
        after.IsServed.ShouldBeTrue();
    }

    [Fact]
    public async Task The_oldest_unauthenticated_connections_are_aborted_for_new_ones()
    {
        var limiter = CreateLimiter(limit: 4, limitOfAddress: 4, unauthenticatedShare: 0.75);
        await using var authenticated = new TestConnection(limiter, "192.0.2.1");
        authenticated.Admission.MarkAuthenticated();
        var others = Enumerable.Range(0, 5).Select(_ => new TestConnection(limiter, "127.0.0.1")).ToArray();

        others.ShouldAllBe(connection => connection.IsServed);
        others.Select(connection => connection.IsAborted).ShouldBe([true, true, false, false, false]);
        authenticated.IsAborted.ShouldBeFalse();
        _refused.ShouldBe(2);
        foreach (var connection in others)
            await connection.DisposeAsync();
        others = [.. Enumerable.Range(0, 3).Select(_ => new TestConnection(limiter, "127.0.0.1"))];
        others.ShouldAllBe(connection => !connection.IsAborted, "an aborted connection is counted down once");
        foreach (var connection in others)
            await connection.DisposeAsync();
    }

    [Fact]
    public async Task A_flood_from_one_address_aborts_only_its_own_connections()
    {
        var limiter = CreateLimiter(limit: 8, limitOfAddress: 8, unauthenticatedShare: 0.75);
        await using var waiting = new TestConnection(limiter, "192.0.2.1");
        var flood = Enumerable.Range(0, 50).Select(_ => new TestConnection(limiter, "192.0.2.2")).ToArray();
        waiting.IsAborted.ShouldBeFalse();
        await using var another = new TestConnection(limiter, "192.0.2.3");
        another.IsServed.ShouldBeTrue();
        waiting.IsAborted.ShouldBeFalse();
        flood.Count(connection => connection.IsAborted).ShouldBe(46);
        foreach (var connection in flood)
            await connection.DisposeAsync();
    }

    [Fact]
    public async Task Connections_of_consumers_are_never_aborted()
    {
        var limiter = CreateLimiter(limit: 3, limitOfAddress: 3, unauthenticatedShare: 0.75);
        var authenticated = Enumerable.Range(0, 3).Select(_ => new TestConnection(limiter, "127.0.0.1", isAuthenticated: true)).ToArray();
        await using var late = new TestConnection(limiter, "192.0.2.1");
        late.IsServed.ShouldBeFalse();
        authenticated.ShouldAllBe(connection => !connection.IsAborted);
        foreach (var connection in authenticated)
            await connection.DisposeAsync();
    }

    [Fact]
    public async Task Clients_of_a_proxy_count_by_their_own_address()
    {
        var limiter = CreateLimiter(limit: 10, limitOfAddress: 2, unauthenticatedShare: 0.9);
        var connections = Enumerable.Range(0, 4).Select(_ => new TestConnection(limiter, "203.0.113.7")).ToArray();
        connections[0].Admission.TryMove(IPAddress.Parse("192.0.2.1")).ShouldBeTrue();
        connections[0].Admission.MarkAuthenticated();
        connections[1].Admission.TryMove(IPAddress.Parse("192.0.2.1")).ShouldBeTrue();
        connections[2].Admission.TryMove(IPAddress.Parse("192.0.2.2")).ShouldBeTrue();

        connections[3].Admission.TryMove(IPAddress.Parse("192.0.2.1")).ShouldBeTrue();

        connections.Select(connection => connection.IsAborted).ShouldBe([false, true, false, false]);
        connections[1].Admission.TryMove(IPAddress.Parse("192.0.2.3")).ShouldBeFalse("it was aborted");
        connections[3].Admission.MarkAuthenticated();
        connections[2].Admission.TryMove(IPAddress.Parse("192.0.2.1")).ShouldBeFalse("both connections belong to consumers");
        connections[2].Admission.TryMove(IPAddress.Parse("192.0.2.4")).ShouldBeTrue();
        foreach (var connection in connections)
            await connection.DisposeAsync();
    }

    private ConnectionLimiter CreateLimiter(
        int limit, int limitOfAddress, double? unauthenticatedShare = null, string proxies = "203.0.113.0/24") =>
        new(
            new ServerLimits
            {
                MaxConnectionsPerAddress = limitOfAddress,
                MaxUnauthenticatedShare = unauthenticatedShare,
                OnConnectionRefused = () => _refused++,
                TrustedProxies = new TrustedProxies([IPNetwork.Parse(proxies)]),
            },
            limit);

    private sealed class TestConnection : IAsyncDisposable
    {
        private readonly TaskCompletionSource _closed = new();
        private readonly FakeConnectionContext _connection;
        private readonly Task _serving;

        public TestConnection(ConnectionLimiter limiter, string address, bool isAuthenticated = false)
        {
            _connection = new FakeConnectionContext { RemoteEndPoint = new IPEndPoint(IPAddress.Parse(address), 1) };
            _serving = limiter.Before(_ =>
            {
                IsServed = true;
                return _closed.Task;
            })(_connection);
            if (isAuthenticated)
                Admission.MarkAuthenticated();
        }

        public bool IsServed { get; private set; }

        public bool IsAborted => _connection.IsAborted;

        public IConnectionAdmission Admission => _connection.Features.Get<IConnectionAdmission>().ShouldNotBeNull();

        public async ValueTask DisposeAsync()
        {
            _closed.TrySetResult();
            await _serving;
        }
    }

    private sealed class FakeConnectionContext : DefaultConnectionContext
    {
        public bool IsAborted { get; private set; }

        public override void Abort(ConnectionAbortedException abortReason) => IsAborted = true;
    }
}
