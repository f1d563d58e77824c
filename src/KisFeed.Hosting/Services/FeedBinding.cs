namespace KisFeed.Hosting.Services;

/// <summary>A feed together with who takes its records.</summary>
internal abstract class FeedBinding
{
    /// <summary>The feed's TR ID on the production service.</summary>
    public abstract string TrId { get; }

    /// <summary>Whether its keys are HTS IDs, which are not to be logged.</summary>
    public abstract bool IsNotice { get; }

    /// <summary>Subscribes to a key; the task of the task ends when no more records come.</summary>
    public abstract Task<Task> SubscribeAsync(KisFeedClient client, string key, Action<FeedEvent> unhandled, CancellationToken cancellationToken);
}
