using KisFeed.Gateway.Broker;
using KisFeed.Gateway.Consumers;

namespace KisFeed.Gateway.Tests.Consumers;

public sealed class AccountTests
{
    private readonly Account _account = new(consumer: null, store: null, ConsumerLimits.Default, TimeProvider.System);

    [Fact]
    public void What_waits_for_it_waits_on_all_its_connections()
    {
        var broker = new ConsumerConnection(new FakeConnection { WaitingBytes = 40 });
        broker.WaitingBytes.ShouldBe(40);
        var (one, other) = (new Presence(new QueueDepth(broker.WaitingBytes, 0)), new Presence(new QueueDepth(200, 3)));
        _account.Waiting.ShouldBe(default);

        _account.TryEnter(one).ShouldBeTrue();
        _account.TryEnter(other).ShouldBeTrue();
        _account.Waiting.ShouldBe(new QueueDepth(240, 3));
        _account.Leave(other);

        _account.Waiting.ShouldBe(new QueueDepth(40, 0));
    }

    private sealed class Presence(QueueDepth waiting) : IAccountConnection
    {
        public QueueDepth Waiting => waiting;

        public void OnRightsLost(bool isOver)
        {
        }
    }
}
