using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace KisFeed.Simulation.Invariants;

internal static class Invariant
{
    /// <summary>Throws if the condition does not hold.</summary>
    public static void Holds(
        [DoesNotReturnIf(false)] bool condition,
        string invariant,
        [InterpolatedStringHandlerArgument(nameof(condition))] ref Detail message)
    {
        if (!condition)
            throw new InvariantException(invariant, message.ToString());
    }

    /// <summary>Throws if the condition does not hold.</summary>
    public static void Holds([DoesNotReturnIf(false)] bool condition, string invariant, string message)
    {
        if (!condition)
            throw new InvariantException(invariant, message);
    }

    /// <summary>A message that is formatted only if it is needed.</summary>
    [InterpolatedStringHandler]
    public ref struct Detail
    {
        private DefaultInterpolatedStringHandler _text;

        public Detail(int literalLength, int formattedCount, bool holds, out bool isNeeded)
        {
            isNeeded = !holds;
            _text = holds ? default : new DefaultInterpolatedStringHandler(literalLength, formattedCount, CultureInfo.InvariantCulture);
        }

        public void AppendLiteral(string text) => _text.AppendLiteral(text);

        public void AppendFormatted<T>(T value) => _text.AppendFormatted(value);

        public override string ToString() => _text.ToStringAndClear();
    }
}

/// <summary>An invariant was violated.</summary>
#pragma warning disable RCS1194 // Thrown only here, and always with an invariant.
internal sealed class InvariantException(string invariant, string message) : Exception($"{invariant}: {message}")
#pragma warning restore RCS1194
{
    /// <summary>The name of the invariant.</summary>
    public string Invariant => invariant;
}

/// <summary>The log of events.</summary>
internal sealed class Trace
{
    private readonly List<string> _lines = [];

    public IReadOnlyList<string> Lines => _lines;

    public void Add(TimeSpan at, string line) =>
        _lines.Add(string.Create(CultureInfo.InvariantCulture, $"{at.TotalSeconds,12:0.000} {line}"));
}
