using System.Security.Cryptography;
using System.Text;
using KisFeed.Cli.Hosting;
using KisFeed.Gateway;
using KisFeed.RabbitMq;
using KisFeed.Wire;

namespace KisFeed.Cli.Gateways;

/// <summary>Publishes what a gateway records to a RabbitMQ cluster.</summary>
internal sealed class ClusterPublisher : IFramePublisher
{
    private readonly RabbitMqPublisher _publisher;
    private readonly TimeProvider _time;

    private ClusterPublisher(RabbitMqPublisher publisher, TimeProvider time)
    {
        _publisher = publisher;
        _time = time;
    }

    public FramePublisherStatus Status
    {
        get
        {
            var status = _publisher.Status;
            return new FramePublisherStatus
            {
                IsPublishing = status is { Problem: null, HasEnded: false },
                IsLive = status.IsLive,
                HasEnded = status.HasEnded,
                ProblemSince = status.ProblemSince,
                Problem = status.ProblemSummary,
                PublishedAt = status.ConfirmedAt,
                Lag = status.IsLive || status.ConfirmedAt is not { } at ? TimeSpan.Zero : TimeSpan.FromTicks(Math.Max(0, (_time.GetUtcNow() - at).Ticks)),
                Published = status.Confirmed,
                CaughtUp = status.CaughtUp,
                Dropped = status.Dropped,
            };
        }
    }

    /// <summary>The id of a gateway that has none: the name of the machine, and a hash of the folder of its recording. It is the same at each start.</summary>
    public static string SourceOf(string folder)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Path.GetFullPath(folder))))[..8];
        var machine = string.Concat(Environment.MachineName.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' ? c : '-').Take(48));
        return $"{machine}-{hash}";
    }

    /// <summary>Starts a publisher.</summary>
    /// <exception cref="CommandException">An option is not valid.</exception>
    /// <exception cref="KisFeedException">The position of an earlier start cannot be read.</exception>
    public static ClusterPublisher Start(RabbitMqClusterOptions cluster, string source, FramePublisherContext context)
    {
        try
        {
            var options = new RabbitMqPublisherOptions { Cluster = cluster with { MeterFactory = context.MeterFactory }, Source = source, Recorder = context.Recorder };
            return new ClusterPublisher(RabbitMqPublisher.Start(context.Frames, options), cluster.TimeProvider);
        }
        catch (ArgumentException e)
        {
            throw new CommandException(e.Message, e);
        }
    }

    public Task AddAsync(FeedSchema feed, string key, CancellationToken cancellationToken) => _publisher.AddAsync(feed, key, cancellationToken: cancellationToken);

    public Task RemoveAsync(FeedSchema feed, string key) => _publisher.RemoveAsync(feed, key);

    public ValueTask DisposeAsync() => _publisher.DisposeAsync();
}
