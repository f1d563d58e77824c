namespace KisFeed.Tests.Wire;

/// <summary>Returns buffers of exactly the requested size, so that writes beyond it fail.</summary>
internal sealed class ExactBuffer : IBufferWriter<byte>
{
    private readonly ArrayBufferWriter<byte> _text = new();

    public string Text => Encoding.UTF8.GetString(_text.WrittenSpan);

    public void Advance(int count) => _text.Advance(count);

    public Memory<byte> GetMemory(int sizeHint = 0) => _text.GetMemory(sizeHint)[..sizeHint];

    public Span<byte> GetSpan(int sizeHint = 0) => _text.GetSpan(sizeHint)[..sizeHint];
}
