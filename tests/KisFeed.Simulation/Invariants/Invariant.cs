using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace KisFeed.Simulation.Invariants;

internal static class Invariant
{
    /// <summary>Ends the simulation where the condition does not hold.</summary>
    public static void Holds([DoesNotReturnIf(false)] bool condition, string invariant, [InterpolatedStringHandlerArgument(nameof(condition))] ref Detail what)
    {
        if (!condition)
            throw new InvariantException(invariant, what.ToString());
    }

    /// <summary>Ends the simulation where the condition does not hold.</summary>
    public static void Holds([DoesNotReturnIf(false)] bool condition, string invariant, string what)
    {
        if (!condition)
            throw new InvariantException(invariant, what);
    }

    /// <summary>A text that is put together only where it is needed.</summary>
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
