namespace KisFeed.Hosting;

/// <summary>What a host does when there are no data any more. Immutable; change with <c>with</c>.</summary>
public sealed record KisFeedHostingOptions
{
    /// <summary>
    /// Whether the host stops when the session has ended for good: whatever waiting can mend, the client has waited for. The host's run then ends with
    /// the reason as an exception, so that whoever started the program can see it. Default: yes, since a program that trades must not go on
    /// without knowing that it sees nothing. Either way the end is logged as critical.
    /// </summary>
    public bool StopsHostWhenSessionEnds { get; init; } = true;

    /// <summary>
    /// Whether the host stops, in the same way, when a subscription that was declared with <see cref="KisFeedBuilder"/> is refused. Default: no, the others go on;
    /// the refusal is logged as an error.
    /// </summary>
    public bool StopsHostWhenRefused { get; init; }
}
