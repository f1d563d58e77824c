using System.Diagnostics.Metrics;
using System.Text;
using Microsoft.Extensions.Logging;

namespace KisFeed.RabbitMq;

/// <summary>
/// How a RabbitMQ cluster is reached, and the streams in it. Publishers and readers of the same streams use the
/// same prefix and number of partitions.
/// </summary>
public sealed record RabbitMqClusterOptions
{
    /// <summary>
    /// The nodes, as AMQP URIs: <c>amqps://USER:PASSWORD@HOST:PORT/VHOST</c>. They are tried in turn, beginning with any of them. Without a
    /// user in the URI, <see cref="UserName"/> and <see cref="PasswordFile"/> are used. Never logged with user or password.
    /// </summary>
    public required IReadOnlyList<Uri> Nodes { get; init; }

    /// <summary>The user, if the URI has none. Default <c>guest</c>, which RabbitMQ accepts only from its own machine.</summary>
    public string UserName { get; init; } = "guest";

    /// <summary>
    /// A file with the password of <see cref="UserName"/> in its first line, readable only by its owner. It is read for each connection, so
    /// a changed password needs no restart. Default none: the password <c>guest</c>.
    /// </summary>
    public string? PasswordFile { get; init; }

    /// <summary>
    /// A file with the certificates (PEM) of the authorities that servers of <c>amqps</c> may have theirs from. Default
    /// none: those that the system trusts.
    /// </summary>
    public string? CertificateAuthorityFile { get; init; }

    /// <summary>
    /// The beginning of the names of the streams: <c>kisfeed</c> for <c>kisfeed.0-of-8</c>. Letters, digits, dots, hyphens and
    /// underscores. Default <c>kisfeed</c>.
    /// </summary>
    public string Prefix { get; init; } = "kisfeed";

    /// <summary>The number of streams among which keys are divided, 1 to 64. Another number means other streams. Default 8.</summary>
    public int Partitions { get; init; } = 8;

    /// <summary>How long an attempt to connect may take. Default 10 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The interval of AMQP heartbeats; a connection without any for twice as long is closed. Default 5 s.</summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The delay before a lost connection is replaced. Doubles with each consecutive failure, up to
    /// <see cref="MaxRetryInterval"/>. Default 200 ms.
    /// </summary>
    public TimeSpan RetryInterval { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>The maximum delay before a lost connection is replaced. Default 10 s.</summary>
    public TimeSpan MaxRetryInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The log. Default none.</summary>
    public ILoggerFactory? LoggerFactory { get; init; }

    /// <summary>
    /// Creates the meter, named <see cref="KisFeedDiagnostics.MeterName"/> like that of the client. Default
    /// none: the meter is created directly.
    /// </summary>
    public IMeterFactory? MeterFactory { get; init; }

    /// <summary>The clock. Default the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Returns the nodes without users and passwords, and the prefix of the streams.</summary>
    public override string ToString() => new StringBuilder(nameof(RabbitMqClusterOptions)).Append(" { ")
        .AppendJoin(", ", Nodes.Select(AddressOf)).Append(", ").Append(Prefix).Append(" }").ToString();

    internal static string AddressOf(Uri node) => $"{node.Scheme}://{node.Host}:{node.Port}";

    internal void Validate()
    {
        Require(Nodes.Count > 0, nameof(Nodes), "is empty");
        foreach (var node in Nodes)
        {
            Require(
                node.IsAbsoluteUri && node.Scheme is "amqp" or "amqps",
                nameof(Nodes),
                "has an address that is not an AMQP URI: use amqp://HOST:PORT or amqps://HOST:PORT");
        }
        Require(
            Prefix.Length is > 0 and <= 100 && Prefix.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_'),
            nameof(Prefix),
            $"is '{Prefix}': use at most 100 letters, digits, dots, hyphens and underscores");
        Require(
            Partitions is > 0 and <= Format.Partitions.MaxCount,
            nameof(Partitions),
            $"is {Partitions}: set 1 to {Format.Partitions.MaxCount}");
        Require(ConnectTimeout > TimeSpan.Zero, nameof(ConnectTimeout), "must be positive");
        Require(Heartbeat >= TimeSpan.FromSeconds(1), nameof(Heartbeat), "must be at least 1 s");
        Require(
            RetryInterval > TimeSpan.Zero && RetryInterval <= TimeSpan.FromHours(1),
            nameof(RetryInterval),
            "must be positive and at most an hour");
        Require(
            MaxRetryInterval > TimeSpan.Zero && MaxRetryInterval <= TimeSpan.FromHours(1),
            nameof(MaxRetryInterval),
            "must be positive and at most an hour");
    }

    internal static void Require(bool holds, string option, string problem)
    {
        if (!holds)
            throw new ArgumentException($"the option {option} {problem}", option);
    }
}
