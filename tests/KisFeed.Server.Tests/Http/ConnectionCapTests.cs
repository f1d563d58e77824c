using System.Net;
using Microsoft.AspNetCore.Connections;

namespace KisFeed.Server.Tests.Http;

public sealed class ConnectionCapTests
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
    public async Task Programs_of_this_machine_are_held_to_the_limit_over_all_alone(string address)
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

    private ConnectionCap NewCap(int limit, int limitOfAddress) => new(limit, limitOfAddress, () => _refused++);

    private sealed class Visitor : IAsyncDisposable
    {
        private readonly TaskCompletionSource _leaving = new();
        private readonly Task _visit;

        public Visitor(ConnectionCap cap, string address)
        {
            var connection = new DefaultConnectionContext { RemoteEndPoint = new IPEndPoint(IPAddress.Parse(address), 1) };
            _visit = cap.Before(_ =>
            {
                IsServed = true;
                return _leaving.Task;
            })(connection);
        }

        public bool IsServed { get; private set; }

        public async ValueTask DisposeAsync()
        {
            _leaving.TrySetResult();
            await _visit;
        }
    }
}
