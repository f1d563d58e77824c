using System.Globalization;
using System.Runtime.CompilerServices;

namespace KisFeed.Coordination.Tests.Model;

/// <summary>A message that is composed only if it is needed: of a violated invariant, or of a trace.</summary>
[InterpolatedStringHandler]
internal ref struct ModelText
{
    private DefaultInterpolatedStringHandler _text;

    public ModelText(int literalLength, int formattedCount, bool condition, out bool isNeeded)
    {
        isNeeded = !condition;
        if (isNeeded)
            _text = new DefaultInterpolatedStringHandler(literalLength, formattedCount, CultureInfo.InvariantCulture);
    }

    public ModelText(int literalLength, int formattedCount, ModelWorld world, out bool isNeeded)
        : this(literalLength, formattedCount, world.Trace is null, out isNeeded)
    {
    }

    public void AppendLiteral(string value) => _text.AppendLiteral(value);

    public void AppendFormatted<T>(T value) => _text.AppendFormatted(value);

    public void AppendFormatted<T>(T value, string? format) => _text.AppendFormatted(value, format);

    public string ToStringAndClear() => _text.ToStringAndClear();
}
