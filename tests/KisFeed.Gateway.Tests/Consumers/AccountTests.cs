using KisFeed.Gateway.Broker;
using KisFeed.Gateway.Consumers;

namespace KisFeed.Gateway.Tests.Consumers;

public sealed class AccountTests
{
    private readonly Account _account = new(consumer: null, store: null, ConsumerLimits.Default, TimeProvider.System);

    [Fact]
    public void The_queue_depth_of_an_account_is_the_sum_of_its_connections()
    {
        var broker = new ConsumerConnection(new FakeConnection { WaitingBytes = 40 });
        broker.WaitingBytes.ShouldBe(40);
        var (one, other) = (new TestConnection(new QueueDepth(broker.WaitingBytes, 0)), new TestConnection(new QueueDepth(200, 3)));
        _account.QueueDepth.ShouldBe(default);

        _account.TryEnter(one).ShouldBeTrue();
        _account.TryEnter(other).ShouldBeTrue();
        _account.QueueDepth.ShouldBe(new QueueDepth(240, 3));
        _account.Leave(other);

        _account.QueueDepth.ShouldBe(new QueueDepth(40, 0));
    }

    private sealed class TestConnection(QueueDepth waiting) : IAccountConnection
    {
        public QueueDepth QueueDepth => waiting;

        public void OnRightsLost(bool isOver)
        {
        }
    }
}
