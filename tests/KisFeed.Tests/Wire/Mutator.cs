namespace KisFeed.Tests.Wire;

/// <summary>Mutates valid inputs: flips, truncates, repeats and splices them, and inserts values that often break parsers.</summary>
internal sealed class Mutator(Random random, IReadOnlyList<byte[]> validInputs)
{
    private const int MaxLength = 4096;

    private static readonly byte[][] s_hostileValues =
    [
        .. new[]
        {
            "^", "|", "^^", "||", "\0", "\n", "\r\n", " ", "(null)", "nan", "-nan", "+", "-", ".", "0", "999999999", "1000000000", "-1",
            "001", "002", "000",
            "99999999999999999999", "79228162514264337593543950335", "0.0000000000000000000000000001", "240000", "H0UPCNT0", "H0IFCNI0",
            "{", "}", "[", "]", "\"", "\\", "\\ud800", ":", ",",
            "null", "true", "1e400", "PINGPONG", "tr_id", "rt_cd", "output", "key", "한글", "=", "==", "AAAA",
        }.Select(Encoding.UTF8.GetBytes),
        [0xFF], [0xC3], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0x80], [0xEF, 0xBB, 0xBF],
    ];

    private readonly List<byte> _bytes = new(MaxLength);

    public byte[] Next()
    {
        _bytes.Clear();
        _bytes.AddRange(Pick(validInputs));
        for (var rounds = random.Next(4) == 0 ? 0 : random.Next(1, 5); rounds >= 0; rounds--)
            Mutate();
        return [.. _bytes.Take(MaxLength)];
    }

    private void Mutate()
    {
        var at = random.Next(_bytes.Count + 1);
        var length = Math.Min(random.Next(1, 20), _bytes.Count - at);
        switch (random.Next(9))
        {
            case 0 when at < _bytes.Count:
                _bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1 when at < _bytes.Count:
                _bytes[at] = (byte)random.Next(256);
                break;
            case 2:
                _bytes.InsertRange(at, Pick(s_hostileValues));
                break;
            case 3:
                _bytes.RemoveRange(at, length);
                _bytes.InsertRange(at, Pick(s_hostileValues));
                break;
            case 4:
                _bytes.RemoveRange(at, length);
                break;
            case 5:
                _bytes.InsertRange(at, _bytes.GetRange(at, length));
                break;
            case 6 when random.Next(4) == 0:
                _bytes.RemoveRange(at, _bytes.Count - at);
                break;
            case 7:
                var other = Pick(validInputs);
                _bytes.RemoveRange(at, _bytes.Count - at);
                _bytes.AddRange(other.AsSpan(random.Next(other.Length + 1)));
                break;
            case 8:
                ReplaceField();
                break;
        }
    }

    // Replacing a whole field preserves the width of the frame, so that the code after the width check is reached.
    private void ReplaceField()
    {
        var start = _bytes.IndexOf((byte)'^', random.Next(_bytes.Count + 1)) + 1;
        var end = _bytes.IndexOf((byte)'^', start);
        if (start == 0 || end < 0)
            return;
        _bytes.RemoveRange(start, end - start);
        _bytes.InsertRange(start, Pick(s_hostileValues));
    }

    private T Pick<T>(IReadOnlyList<T> from) => from[random.Next(from.Count)];
}
