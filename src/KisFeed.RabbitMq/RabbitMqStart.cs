namespace KisFeed.RabbitMq;

/// <summary>Where a reader begins.</summary>
public sealed record RabbitMqStart
{
    private RabbitMqStart()
    {
    }

    /// <summary>
    /// With what is published from now on: from the first connection on, or, if the cluster is away then, with what is
    /// received after the reader was created.
    /// </summary>
    public static RabbitMqStart Now { get; } = new();

    /// <summary>With the first data that the cluster still has.</summary>
    public static RabbitMqStart First { get; } = new() { IsFirst = true };

    /// <summary>The time from which frames are read, if it begins at one.</summary>
    public DateTimeOffset? Time { get; private init; }

    /// <summary>The position behind which it begins, if it begins at one.</summary>
    public RabbitMqPosition? Position { get; private init; }

    internal bool IsFirst { get; private init; }

    /// <summary>With the first frame received at a time or later.</summary>
    public static RabbitMqStart At(DateTimeOffset time) => new() { Time = time };

    /// <summary>Behind the last item before the position was taken: nothing is lost or repeated.</summary>
    public static RabbitMqStart After(RabbitMqPosition position)
    {
        ArgumentNullException.ThrowIfNull(position);
        return new RabbitMqStart { Position = position };
    }
}
