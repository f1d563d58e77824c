using System.Globalization;

namespace KisFeed.Benchmarks.Decode;

/// <summary>
/// Reads a frame the way that published samples do: <see cref="string.Split(char, StringSplitOptions)"/> and
/// <see cref="decimal.Parse(string, IFormatProvider)"/> into an object. The input is a string, so that the conversion of the received bytes
/// is not measured. Nothing is checked.
/// </summary>
internal sealed class SplitRecord
{
    private SplitRecord(string[] texts, decimal[] numbers)
    {
        Texts = texts;
        Numbers = numbers;
    }

    public string[] Texts { get; }

    public decimal[] Numbers { get; }

    /// <summary>Reads a frame.</summary>
    /// <param name="frame">A frame of one record.</param>
    /// <param name="numeric">The numeric columns.</param>
    public static SplitRecord Read(string frame, int[] numeric)
    {
        var payload = frame.Split('|')[3];
        var fields = payload.Split('^');
        var numbers = new decimal[numeric.Length];
        for (var i = 0; i < numeric.Length; i++)
            numbers[i] = decimal.Parse(fields[numeric[i]], CultureInfo.InvariantCulture);
        return new SplitRecord(fields, numbers);
    }
}
