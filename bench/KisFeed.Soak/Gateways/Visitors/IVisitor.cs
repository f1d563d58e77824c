namespace KisFeed.Soak.Gateways.Visitors;

/// <summary>Knows one of the gateway's protocols.</summary>
internal interface IVisitor
{
    string Name { get; }

    /// <summary>Connects, reads as the visit says, and leaves. Whatever ends it early is thrown.</summary>
    /// <param name="visit">What is wanted.</param>
    /// <param name="wire">The connection to use, which whoever gave it ends.</param>
    /// <param name="onRecord">Called with the TR ID of every record, or frame.</param>
    /// <param name="cancellation">Ends the stay at once.</param>
    Task VisitAsync(Visit visit, Wire wire, Action<string> onRecord, CancellationToken cancellation);
}
