using KisFeed.Server.Protocol;

namespace KisFeed.Server.Tests.Protocol;

public sealed class TokenBucketTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public void It_lets_through_what_it_holds_and_then_its_rate()
    {
        var bucket = new TokenBucket(10, 5, _time);

        Taken(bucket, 20).ShouldBe(5);
        _time.Advance(TimeSpan.FromMilliseconds(99));
        Taken(bucket, 20).ShouldBe(0);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Taken(bucket, 20).ShouldBe(1);
        _time.Advance(TimeSpan.FromMilliseconds(250));
        Taken(bucket, 20).ShouldBe(2);
        _time.Advance(TimeSpan.FromMilliseconds(50));
        Taken(bucket, 20).ShouldBe(1);
    }

    [Fact]
    public void However_long_the_rest_it_holds_no_more_than_it_can()
    {
        var bucket = new TokenBucket(1000, 5, _time);
        _time.Advance(TimeSpan.FromDays(10_000));

        Taken(bucket, 20).ShouldBe(5);
    }

    [Fact]
    public void Who_asks_all_the_time_gets_the_rate_all_the_same()
    {
        var bucket = new TokenBucket(10, 5, _time);
        Taken(bucket, 5).ShouldBe(5);
        var taken = 0;
        for (var i = 0; i < 10_000; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(1));
            taken += Taken(bucket, 3);
        }

        taken.ShouldBeInRange(99, 100);
    }

    [Fact]
    public void Rates_below_one_a_second_are_kept_too()
    {
        var bucket = new TokenBucket(0.25, 1, _time);

        Taken(bucket, 2).ShouldBe(1);
        _time.Advance(TimeSpan.FromSeconds(3));
        Taken(bucket, 2).ShouldBe(0);
        _time.Advance(TimeSpan.FromSeconds(1));
        Taken(bucket, 2).ShouldBe(1);
    }

    [Fact]
    public async Task From_many_threads_no_more_are_taken()
    {
        var bucket = new TokenBucket(1, 1000, _time);
        var taken = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => Taken(bucket, 1000))));

        taken.Sum().ShouldBe(1000);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(-1, 1)]
    [InlineData(1, 0)]
    public void One_that_lets_nothing_through_is_a_mistake(double rate, int capacity) =>
        Should.Throw<ArgumentOutOfRangeException>(() => new TokenBucket(rate, capacity, _time));

    private static int Taken(TokenBucket bucket, int attempts) => Enumerable.Range(0, attempts).Count(_ => bucket.TryAcquire());
}
