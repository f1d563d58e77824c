using System.Diagnostics.CodeAnalysis;
using KisFeed.Simulator.Server;

namespace KisFeed.Simulator;

/// <summary>
/// How a simulator misbehaves: all of it at once, and nothing of it by default. Every choice left to chance comes from
/// <see cref="SimulatorOptions.Seed"/>. As text each fault is <c>name</c> or <c>name=value</c>, listed in <see cref="Kinds"/>.
/// </summary>
public sealed record SimulatorFaults
{
    /// <summary>No fault.</summary>
    public static SimulatorFaults None { get; } = new();

    /// <summary>The faults there are, by the names they have as text.</summary>
    public static IReadOnlyList<SimulatorFaultKind> Kinds => FaultKinds.All;

    /// <summary>
    /// Each connection is cut, without a closing handshake, once this many data frames have been sent on it since it began or since the faults
    /// were set. At least 1; <see langword="null"/>, the default, for never.
    /// </summary>
    public int? DropAfter { get; init; }

    /// <summary>
    /// Nothing at all is sent on a connection any more after this many data frames, counted as for <see cref="DropAfter"/>: neither data nor
    /// heartbeats nor answers, not even to a ping or a close frame. The connection stays open, and its app key taken, until the client ends it.
    /// At least 1; <see langword="null"/>, the default, for never.
    /// </summary>
    public int? SilentAfter { get; init; }

    /// <summary>
    /// How probably a data frame is followed by a copy of itself with a byte in its payload that is no UTF-8. The good frame is sent too: no data
    /// are lost. From 0, the default, to 1.
    /// </summary>
    public double BadUtf8 { get; init; }

    /// <summary>
    /// How probably a data frame is followed by a message that nobody can read, of several kinds: plain text, half a JSON object, an unknown TR ID,
    /// a count that cannot be, no payload, nothing. From 0, the default, to 1.
    /// </summary>
    public double Garbage { get; init; }

    /// <summary>So many WebSocket connections are accepted and closed at once; those after are served. Default 0.</summary>
    public int KickOnConnect { get; init; }

    /// <summary>Whether every acknowledgement is sent twice.</summary>
    public bool DuplicateAck { get; init; }

    /// <summary>How probably an acknowledgement is not sent although what it acknowledges has been done. From 0, the default, to 1.</summary>
    public double LoseAck { get; init; }

    /// <summary>
    /// Whether two requests that come within 200 milliseconds are carried out and answered in the opposite order, unless both are for the same
    /// key of the same feed. A request after which none comes is answered when that time has passed.
    /// </summary>
    public bool ReorderAck { get; init; }

    /// <summary>
    /// How long after it has come a request is carried out and answered. Order is kept, data of a registration come after its acknowledgement,
    /// and heartbeats and other data go on meanwhile. Default zero.
    /// </summary>
    public TimeSpan SlowAck { get; init; }

    /// <summary>
    /// The code with which registrations are refused, e.g. <c>OPSP0008</c>: <c>OPSP</c> and four digits, but neither success. OPSP8996, OPSP0010 and
    /// OPSP9994 close the connection too; OPSP0011 also makes the approval key invalid. <see langword="null"/>, the default, for none.
    /// </summary>
    public string? Refuse { get; init; }

    /// <summary>How many registrations are refused, over all sessions; <see langword="null"/>, the default, for every one.</summary>
    public int? RefuseCount { get; init; }

    /// <summary>Columns with the value 0 that are appended to every record, up to 100. Default 0.</summary>
    public int GrowColumns { get; init; }

    /// <summary>Whether order notices name their customer otherwise than the HTS ID is spelled: with upper and lower case exchanged, and a blank behind.</summary>
    public bool OtherCustomer { get; init; }

    /// <summary>Whether each message is sent in two to four WebSocket fragments, cut anywhere, also within a character.</summary>
    public bool SplitFrames { get; init; }

    /// <summary>Whether a data frame may hold records of several keys. The broker has only been seen to send frames with one key.</summary>
    public bool MixedKeys { get; init; }

    /// <summary>So many good requests for an approval key are answered with HTTP status 500. Default 0.</summary>
    public int ApprovalFails { get; init; }

    /// <summary>
    /// How long an app key stays taken after its session has ended without a closing handshake, so that who comes back sooner is refused with
    /// OPSP8996. Default zero.
    /// </summary>
    public TimeSpan HoldAppKey { get; init; }

    /// <summary>Reads faults, each <c>name</c> or <c>name=value</c>.</summary>
    /// <exception cref="FormatException">One cannot be read; the message says which, and what is possible.</exception>
    public static SimulatorFaults Parse(params IEnumerable<string> texts) =>
        TryParse(texts, out var faults, out var error) ? faults : throw new FormatException(error);

    /// <summary>Reads faults, each <c>name</c> or <c>name=value</c>.</summary>
    /// <param name="texts">The faults; each name once.</param>
    /// <param name="faults">The faults; none where one cannot be read.</param>
    /// <param name="error">What is wrong, and what is possible.</param>
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

    /// <summary>The faults as <see cref="Parse"/> takes them; empty where there is none.</summary>
    public IReadOnlyList<string> ToTexts() => [.. Kinds.Select(kind => kind.Write(this)).OfType<string>()];

    /// <summary>The faults as text.</summary>
    public override string ToString() => this == None ? "no faults" : string.Join(' ', ToTexts());

    /// <summary>Says what cannot be.</summary>
    /// <exception cref="ArgumentException">A fault has a value that cannot be.</exception>
    internal void Validate(string option)
    {
        if (!TryParse(ToTexts(), out _, out var error))
            throw new ArgumentException($"the option {option} cannot be used: {error}", option);
        if (RefuseCount is not null && Refuse is null)
            throw new ArgumentException($"the option {option} cannot be used: {nameof(RefuseCount)} needs a code in {nameof(Refuse)}", option);
    }
}
