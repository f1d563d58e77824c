using System.Globalization;
using System.Text;
using KisFeed.Feeds;
using KisFeed.RabbitMq.Format;
using KisFeed.RabbitMq.Publishing;

namespace KisFeed.RabbitMq.Tests.Publishing;

/// <summary>When a batch is complete: at its limit, or from fewer entries on if no others wait.</summary>
public sealed class BatchAssemblerTests
{
    private const int Ready = 15;
    private const int Max = 25;

    private static readonly DateTimeOffset s_at = new(2026, 11, 20, 0, 12, 40, TimeSpan.Zero);

    private readonly BatchAssembler _assembler = new(
        new Partitions("test", 1), new BatchOrigin("a", 1, Continues: false), KisFeeds.Catalog, new KeyEpochs(), Ready, Max, static _ => 0);

    [Theory]
    [InlineData(Ready - 1, 0, Ready - 1)]
    [InlineData(Ready, Ready, 0)]
    [InlineData(Max - 1, Max - 1, 0)]
    [InlineData(Max, Max, 0)]
    [InlineData(Max + 1, Max, 1)]
    public void Frames_that_come_together_are_one_batch_unless_they_are_few_or_many(int frames, int completed, int open)
    {
        Add(frames);
        _assembler.CompleteReady();

        TakeComplete().ShouldBe(completed == 0 ? [] : [completed]);
        _assembler.HasOpen.ShouldBe(open > 0);
        _assembler.CompleteAll();
        TakeComplete().ShouldBe(open == 0 ? [] : [open]);
        _assembler.HasOpen.ShouldBeFalse();
    }

    [Fact]
    public void While_others_wait_a_batch_is_complete_at_its_limit_only()
    {
        Add(3 * Max);

        TakeComplete().ShouldBe([Max, Max, Max]);
        _assembler.HasOpen.ShouldBeFalse();
    }

    private void Add(int frames)
    {
        for (var i = 0; i < frames; i++)
        {
            _assembler.AddFrame(new Frame(
                Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"0|{IndexTrade.Feed.Schema.TrId}|001|0001^{i}")),
                s_at.AddTicks(i)));
        }
    }

    private List<int> TakeComplete()
    {
        var entries = new List<int>();
        while (_assembler.HasComplete)
            entries.Add(_assembler.TakeComplete().Entries);
        return entries;
    }
}
