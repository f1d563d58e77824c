using KisFeed.Server.Protocol;

namespace KisFeed.Server.Tests.Protocol;

public sealed class TokenBucketTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public void It_permits_its_capacity_and_then_its_rate()
    {
        var bucket = new TokenBucket(10, 5, _time);

        CountAcquired(bucket, 20).ShouldBe(5);
        _time.Advance(TimeSpan.FromMilliseconds(99));
        CountAcquired(bucket, 20).ShouldBe(0);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        CountAcquired(bucket, 20).ShouldBe(1);
        _time.Advance(TimeSpan.FromMilliseconds(250));
        CountAcquired(bucket, 20).ShouldBe(2);
        _time.Advance(TimeSpan.FromMilliseconds(50));
        CountAcquired(bucket, 20).ShouldBe(1);
    }

    [Fact]
    public void It_never_holds_more_than_its_capacity()
    {
        var bucket = new TokenBucket(1000, 5, _time);
        _time.Advance(TimeSpan.FromDays(10_000));

        CountAcquired(bucket, 20).ShouldBe(5);
    }

    [Fact]
    public void Frequent_attempts_receive_the_full_rate()
    {
        var bucket = new TokenBucket(10, 5, _time);
        CountAcquired(bucket, 5).ShouldBe(5);
        var acquired = 0;
        for (var i = 0; i < 10_000; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(1));
            acquired += CountAcquired(bucket, 3);
        }

        acquired.ShouldBeInRange(99, 100);
    }

    [Fact]
    public void Rates_below_one_per_second_are_supported()
    {
        var bucket = new TokenBucket(0.25, 1, _time);

        CountAcquired(bucket, 2).ShouldBe(1);
        _time.Advance(TimeSpan.FromSeconds(3));
        CountAcquired(bucket, 2).ShouldBe(0);
        _time.Advance(TimeSpan.FromSeconds(1));
        CountAcquired(bucket, 2).ShouldBe(1);
    }

    [Fact]
    public async Task Concurrent_attempts_do_not_exceed_the_capacity()
    {
        var bucket = new TokenBucket(1, 1000, _time);
        var acquired = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => CountAcquired(bucket, 1000))));

        acquired.Sum().ShouldBe(1000);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(-1, 1)]
    [InlineData(1, 0)]
    public void A_bucket_without_a_rate_or_capacity_is_rejected(double rate, int capacity) =>
        Should.Throw<ArgumentOutOfRangeException>(() => new TokenBucket(rate, capacity, _time));

    private static int CountAcquired(TokenBucket bucket, int attempts) => Enumerable.Range(0, attempts).Count(_ => bucket.TryAcquire());
}
