namespace KisFeed.Dashboard.Day;

/// <summary>What a page takes at one moment, after what it does not need any more has been collected.</summary>
/// <param name="At">The market's time of day.</param>
/// <param name="Heap">Bytes of JavaScript objects.</param>
/// <param name="Process">Bytes of memory that its process takes, shared ones in proportion; <see langword="null"/> where the system does not say.</param>
/// <param name="Nodes">Nodes of the document, detached ones included.</param>
/// <param name="Listeners">Listeners to events.</param>
internal sealed record PageSize(TimeOnly At, long Heap, long? Process, int Nodes, int Listeners);
