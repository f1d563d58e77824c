using System.Runtime.CompilerServices;
using KisFeed.Benchmarks.Comparing;
using KisFeed.TestSupport;

namespace KisFeed.Benchmarks.Publishing;

/// <summary>Publishing to a RabbitMQ stream with confirmations, compared with a bare program that sends batches of the same size.</summary>
internal sealed class PublishSuite : IBenchmarkSuite
{
    private const int Count = 15;
    private const int Frames = 200_000;
    private const int BriefFrames = 4_000;

    public string Name => "publish";

    public string Description => "frames a second published to a RabbitMQ stream and confirmed";

    public async IAsyncEnumerable<Comparison> RunAsync(Rounds rounds, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var node = await RabbitNode.StartAsync();
        var frames = rounds.IsBrief ? BriefFrames : Frames;
        var work = new PublishWork(node.Address, frames);
        var subject =
            $"publish: {frames:N0} index trades in batches of {PublishWork.BatchFrames}, {PublishWork.Window} batches unconfirmed";
        var results = await rounds.RunAsync(
            subject,
            [new Candidate("bare RabbitMQ.Client", work.BareAsync), new Candidate("KisFeed, publisher", work.PublishAsync)],
            Count,
            cancellationToken);
        yield return new Comparison(
            subject,
            results,
            [new Target(
                "the publisher against the bare program", results[1][PublishWork.Rate] / results[0][PublishWork.Rate], "×", Bound.AtLeast,
                0.9)],
            ["One node with one scheduler on the same machine, one stream, from frames in memory to the last confirmation. "
                + "The bare program copies frames behind their lengths; the publisher parses them, finds their streams, numbers them, "
                + "and adds a checksum and what is confirmed."]);
    }
}
