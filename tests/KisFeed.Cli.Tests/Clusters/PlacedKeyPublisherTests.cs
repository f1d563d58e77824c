using KisFeed.Capture;
using KisFeed.Capture.Tests;
using KisFeed.Cli.Clusters;
using KisFeed.RabbitMq;
using KisFeed.Wire;

namespace KisFeed.Cli.Tests.Clusters;

/// <summary>The keys that an ingest publishes, while it has neither a session nor a cluster.</summary>
public sealed class PlacedKeyPublisherTests : IDisposable
{
    private static readonly FeedSchema s_index = IndexTrade.Feed.Schema;

    private readonly CaptureFolder _folder = new();
    private readonly OneMeterFactory _meters = new();

    public void Dispose()
    {
        _folder.Dispose();
        _meters.Dispose();
    }

    [Fact]
    public async Task A_key_that_is_unplaced_while_it_is_being_added_keeps_nobody_waiting()
    {
        await using var client = KisFeedClient.Start(new KisFeedOptions
        {
            AppKey = TestCredentials.NewAppKey(),
            AppSecret = TestCredentials.AppSecret,
            Environment = KisEnvironment.Simulator,
            WebSocketUrl = new Uri("ws://127.0.0.1:1"),
        });
        await using var recorder = CaptureRecorder.Start(
            client, new CaptureRecorderOptions { Writer = new CaptureWriterOptions { Directory = _folder.Path } });
        using var ending = new CancellationTokenSource();
        var recording = recorder.AddAsync(s_index, "0001", ending.Token);
        var cluster = new RabbitMqClusterOptions { Nodes = [new Uri("amqp://127.0.0.1:1")] };
        await using var publisher = new PlacedKeyPublisher(
            RabbitMqPublisher.Start(client, new RabbitMqPublisherOptions { Cluster = cluster, Source = "one", Recorder = recorder }));
        publisher.Place(s_index, "0001", 5);
        using var removed = new CancellationTokenSource();
        var adding = publisher.AddAsync(s_index, "0001", removed.Token);
        adding.IsCompleted.ShouldBeFalse("there is no connection");

        await publisher.UnplaceAsync(s_index, "0001").WaitAsync(Patience.Limit);

        // The consumers of the gateway, on whose behalf it was added, still want it.
        await adding.WaitAsync(Patience.Limit);
        publisher.Place(s_index, "0001", 6);
        var again = publisher.AddAsync(s_index, "0001", removed.Token);
        await removed.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(again.WaitAsync(Patience.Limit));
        await ending.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(recording);
    }
}
