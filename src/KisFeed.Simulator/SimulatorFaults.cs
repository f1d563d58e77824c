using System.Diagnostics.CodeAnalysis;

namespace KisFeed.Simulator;

/// <summary>
/// The faults of a simulator. They can be combined; by default there are none. Random choices derive from
/// <see cref="SimulatorOptions.Seed"/>. In text form each fault is <c>name</c> or <c>name=value</c>, as listed in <see cref="Kinds"/>.
/// </summary>
public sealed record SimulatorFaults
{
    /// <summary>No faults.</summary>
    public static SimulatorFaults None { get; } = new();

    /// <summary>All kinds of faults.</summary>
    public static IReadOnlyList<SimulatorFaultKind> Kinds => FaultKinds.All;

    /// <summary>
    /// Cuts each connection without a closing handshake after this many data frames, counted from its start or from when the faults were
    /// set. At least 1. Default: <see langword="null"/>, never.
    /// </summary>
    public int? DropAfter { get; init; }

    /// <summary>
    /// Sends nothing on a connection after this many data frames, counted as for <see cref="DropAfter"/>: no data, no heartbeats and no
    /// answers, not even to a ping or a close frame. The connection stays open and its app key in use until the client ends it. At least 1.
    /// Default: <see langword="null"/>, never.
    /// </summary>
    public int? SilentAfter { get; init; }

    /// <summary>
    /// The probability that a data frame is followed by a copy of itself with an invalid UTF-8 byte in its payload. The valid frame is sent
    /// too, so no data are lost. From 0 to 1. Default: 0.
    /// </summary>
    public double BadUtf8 { get; init; }

    /// <summary>
    /// The probability that a data frame is followed by an unreadable message of a random kind: plain text, half a JSON object, an unknown
    /// TR ID, an invalid count, no payload, or nothing. From 0 to 1. Default: 0.
    /// </summary>
    public double Garbage { get; init; }

    /// <summary>
    /// The number of WebSocket connections that are closed immediately after they are accepted; later ones are served. Default: 0.
    /// </summary>
    public int KickOnConnect { get; init; }

    /// <summary>Whether to send every acknowledgement twice.</summary>
    public bool DuplicateAck { get; init; }

    /// <summary>The probability that a request is executed but not acknowledged. From 0 to 1. Default: 0.</summary>
    public double LoseAck { get; init; }

    /// <summary>
    /// Whether two requests that arrive within 200 milliseconds are executed and answered in reverse order, unless both are for the same
    /// key of the same feed. A single request is answered when that time has passed.
    /// </summary>
    public bool ReorderAck { get; init; }

    /// <summary>
    /// The delay from the receipt of a request until it is executed and answered. Order is kept, data of a registration follow its
    /// acknowledgement, and heartbeats and other data are sent meanwhile. Default: zero.
    /// </summary>
    public TimeSpan SlowAck { get; init; }

    /// <summary>
    /// The code with which registrations are refused, e.g. <c>OPSP0008</c>: <c>OPSP</c> and four digits, except the two success codes.
    /// OPSP8996, OPSP0010 and OPSP9994 also close the connection; OPSP0011 also invalidates the approval key. Default:
    /// <see langword="null"/>, no refusals.
    /// </summary>
    public string? Refuse { get; init; }

    /// <summary>The number of registrations to refuse, over all sessions. Default: <see langword="null"/>, all.</summary>
    public int? RefuseCount { get; init; }

    /// <summary>The number of columns with the value 0 to append to every record, up to 100. Default: 0.</summary>
    public int GrowColumns { get; init; }

    /// <summary>
    /// Whether order notices spell their customer differently from the HTS ID: with upper and lower case swapped and a trailing blank.
    /// </summary>
    public bool OtherCustomer { get; init; }

    /// <summary>Whether to send each message in two to four WebSocket fragments, split anywhere, even within a character.</summary>
    public bool SplitFrames { get; init; }

    /// <summary>Whether a data frame may hold records of several keys. The broker has only been seen to send frames with one key.</summary>
    public bool MixedKeys { get; init; }

    /// <summary>The number of valid requests for an approval key that are answered with HTTP status 500. Default: 0.</summary>
    public int ApprovalFails { get; init; }

    /// <summary>
    /// How long an app key stays in use after its session ended without a closing handshake. A client that reconnects sooner is
    /// refused with OPSP8996. Default: zero.
    /// </summary>
    public TimeSpan HoldAppKey { get; init; }

    /// <summary>Parses faults, each <c>name</c> or <c>name=value</c>.</summary>
    /// <exception cref="FormatException">A fault is not valid; the message says which, and what is allowed.</exception>
    public static SimulatorFaults Parse(params IEnumerable<string> texts) =>
        TryParse(texts, out var faults, out var error) ? faults : throw new FormatException(error);

    /// <summary>Parses faults, each <c>name</c> or <c>name=value</c>.</summary>
    /// <param name="texts">The faults, each name at most once.</param>
    /// <param name="faults">The faults; <see cref="None"/> if one of them is not valid.</param>
    /// <param name="error">What is wrong and what is allowed.</param>
    public static bool TryParse(IEnumerable<string> texts, out SimulatorFaults faults, [NotNullWhen(false)] out string? error)
    {
        ArgumentNullException.ThrowIfNull(texts);
        faults = None;
        HashSet<string> names = new(StringComparer.Ordinal);
        var read = None;
        foreach (var text in texts)
        {
            var name = text.Split('=', 2)[0];
            if (!FaultKinds.TryApply(text, ref read, out error))
                return false;
            if (!names.Add(name))
            {
                error = $"the fault {name} is given twice: give it once";
                return false;
            }
        }

        faults = read;
        error = null;
        return true;
    }

    /// <summary>The faults in the form that <see cref="Parse"/> accepts; empty if there are none.</summary>
    public IReadOnlyList<string> ToTexts() => [.. Kinds.Select(kind => kind.Write(this)).OfType<string>()];

    /// <summary>The faults as text.</summary>
    public override string ToString() => this == None ? "no faults" : string.Join(' ', ToTexts());

    /// <summary>Validates the values.</summary>
    /// <exception cref="ArgumentException">A fault has an invalid value.</exception>
    internal void Validate(string option)
    {
        if (!TryParse(ToTexts(), out _, out var error))
            throw new ArgumentException($"the option {option} is not valid: {error}", option);
        if (RefuseCount is not null && Refuse is null)
        {
            throw new ArgumentException(
                $"the option {option} is not valid: {nameof(RefuseCount)} needs a code in {nameof(Refuse)}", option);
        }
    }
}
