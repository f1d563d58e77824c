using KisFeed.RabbitMq.Publishing;
using KisFeed.TestSupport;

namespace KisFeed.RabbitMq.Tests.Publishing;

/// <summary>Which epoch a key had at which time, over releases, placements and restarts.</summary>
public sealed class KeyEpochsTests
{
    private const string Feed = "H0UPCNT0";

    private static readonly DateTimeOffset s_start = new(2026, 11, 20, 0, 0, 0, TimeSpan.Zero);

    private readonly KeyEpochs _epochs = new();

    [Fact]
    public void A_time_has_the_epoch_of_its_period_and_none_between_periods()
    {
        _epochs.Begin(Feed, "0001", 5, At(10));
        _epochs.End(Feed, "0001", At(20), isReleased: true).ShouldBeTrue();
        _epochs.Begin(Feed, "0001", 7, At(30));

        EpochsAt(9, 10, 19, 20, 29, 30, 99).ShouldBe([null, 5, 5, null, null, 7, 7]);
        _epochs.TryFind(Feed, "1001"u8, At(15), out _).ShouldBeFalse();
        _epochs.TryFind("H0STCNT0", "0001"u8, At(15), out _).ShouldBeFalse();
        _epochs.HasEpochs.ShouldBeTrue();
    }

    [Theory]
    [InlineData(9, 5)]
    [InlineData(15, 5)]
    [InlineData(25, 5)]
    [InlineData(31, 7)]
    public void Data_of_the_tap_have_an_epoch_at_any_time(int at, uint epoch)
    {
        _epochs.Begin(Feed, "0001", 5, At(10));
        _epochs.End(Feed, "0001", At(20), isReleased: true);
        _epochs.Begin(Feed, "0001", 7, At(30));

        _epochs.NearestTo(Feed, "0001"u8, At(at)).ShouldBe(epoch);
    }

    [Fact]
    public void A_restarted_recorder_ends_the_periods_of_an_earlier_publisher()
    {
        _epochs.Restore([new KeyPeriod(Feed, "0001", 5, At(10))], recorderStartedAt: At(50));
        EpochsAt(10, 49, 50).ShouldBe([5, 5, null]);

        _epochs.Begin(Feed, "0001", 8, At(60));
        EpochsAt(49, 50, 60).ShouldBe([5, null, 8]);
    }

    [Fact]
    public void Without_a_restart_of_the_recorder_periods_go_on_until_the_key_is_added_again_or_data_are_live()
    {
        _epochs.Restore([new KeyPeriod(Feed, "0001", 5, At(10)), new KeyPeriod(Feed, "1001", 6, At(10))], recorderStartedAt: At(0));
        _epochs.Begin(Feed, "0001", 7, At(60));
        _epochs.EndRestored(At(70));

        EpochsAt(59, 60, 80).ShouldBe([5, 7, 7]);
        _epochs.TryFind(Feed, "1001"u8, At(69), out var epoch).ShouldBeTrue();
        epoch.ShouldBe(6u);
        _epochs.TryFind(Feed, "1001"u8, At(70), out _).ShouldBeFalse();
    }

    [Fact]
    public void What_was_confirmed_is_forgotten_and_nothing_else()
    {
        _epochs.Begin(Feed, "0001", 5, At(10));
        _epochs.End(Feed, "0001", At(20), isReleased: true);
        _epochs.Begin(Feed, "0001", 7, At(30));
        _epochs.Begin(Feed, "1001", 2, At(10));
        _epochs.End(Feed, "1001", At(25), isReleased: true);
        var version = _epochs.Version;

        _epochs.Forget(At(19));
        (_epochs.Version, _epochs.Periods.Count).ShouldBe((version, 3));
        _epochs.Forget(At(20));
        EpochsAt(15, 30).ShouldBe([null, 7]);
        _epochs.Forget(At(99));
        _epochs.Periods.ShouldBe([new KeyPeriod(Feed, "0001", 7, At(30))]);
        _epochs.TakeReleased(At(99)).ShouldBeNull();
    }

    [Fact]
    public void Released_keys_are_reported_once_in_the_order_of_their_times()
    {
        _epochs.Restore(
            [new KeyPeriod(Feed, "1001", 1, At(1), At(12), IsReleased: true), new KeyPeriod(Feed, "2001", 1, At(1))],
            recorderStartedAt: At(5));
        _epochs.Begin(Feed, "0001", 5, At(10));
        _epochs.End(Feed, "0001", At(11), isReleased: true);
        _epochs.Begin(Feed, "3001", 5, At(10));
        _epochs.Begin(Feed, "3001", 6, At(12));

        _epochs.TakeReleased(At(10)).ShouldBeNull();
        _epochs.TakeReleased(At(12)).ShouldNotBeNull().Key.ShouldBe("0001");
        _epochs.TakeReleased(At(12)).ShouldNotBeNull().Key.ShouldBe("1001");
        _epochs.TakeReleased(At(99)).ShouldBeNull();
    }

    // A lookup at any time is that of the list of all periods, whatever is forgotten behind the time.
    [Fact]
    public void Random_histories_are_looked_up_as_they_were_made()
    {
        var random = new Random(TestRun.Seed);
        for (var round = 0; round < 200; round++)
        {
            var epochs = new KeyEpochs();
            var expected = new uint?[200];
            uint? open = null;
            for (var tick = 0; tick < expected.Length; tick++)
            {
                switch (random.Next(8))
                {
                    case 0:
                        open = (uint)random.Next(1, 50);
                        epochs.Begin(Feed, "0001", open.Value, At(tick));
                        break;
                    case 1:
                        open = null;
                        epochs.End(Feed, "0001", At(tick), random.Next(2) == 0);
                        break;
                }

                expected[tick] = open;
            }

            var forgotten = random.Next(expected.Length);
            epochs.Forget(At(forgotten));
            for (var tick = forgotten; tick < expected.Length; tick++)
            {
                (epochs.TryFind(Feed, "0001"u8, At(tick), out var epoch) ? epoch : (uint?)null)
                    .ShouldBe(expected[tick], $"seed {TestRun.Seed}, round {round}, tick {tick}");
            }
        }
    }

    [Fact]
    public void Periods_survive_in_the_position_file()
    {
        var path = Path.GetTempFileName();
        try
        {
            var file = new PositionFile(path);
            var position = new PublisherPosition(
                3,
                [new KeyPeriod(Feed, "0001", 5, At(10), At(20), IsReleased: true), new KeyPeriod(Feed, "1001", 0, At(10).AddTicks(1))],
                At(9));
            file.Write(position);

            var read = file.Read().ShouldNotBeNull();
            read.Keys.ShouldBe(position.Keys);
            (read.Epoch, read.ConfirmedAt).ShouldBe((position.Epoch, position.ConfirmedAt));

            string[] invalid =
            [
                """{"epoch":3,"confirmedAt":"2026-11-20T00:00:09+00:00"}""",
                """{"epoch":3,"keys":[{"feed":null,"key":"0001","epoch":1,"from":"2026-11-20T00:00:09+00:00"}]}""",
            ];
            foreach (var text in invalid)
            {
                File.WriteAllText(path, text);
                Should.Throw<RabbitMqException>(() => file.Read(), text);
            }
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static DateTimeOffset At(int seconds) => s_start.AddSeconds(seconds);

    private uint?[] EpochsAt(params int[] times) =>
        [.. times.Select(at => _epochs.TryFind(Feed, "0001"u8, At(at), out var epoch) ? epoch : (uint?)null)];
}
