using System.Collections.Immutable;

namespace KisFeed.Gateway;

/// <summary>Who has gone or may do less than before.</summary>
internal sealed class ConsumerLossEventArgs(ImmutableArray<ConsumerLoss> losses) : EventArgs
{
    /// <summary>At least one.</summary>
    public ImmutableArray<ConsumerLoss> Losses => losses;
}
