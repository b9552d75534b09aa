namespace Visavis
{
    /// <summary>
    /// Reads pictures straight into the memory that is shown. Its own thread; no garbage once sizes are known. Raises
    /// IOException when the socket is gone. Takes RGBA only: what another engine has opened as JPEG is told as trouble.
    /// </summary>
    sealed class PictureReader
    {
        readonly ZmtpSocket _socket;
        readonly Pictures _pictures;
        readonly LinkStatus _status;
        readonly WireHeader _header = new WireHeader();
        byte[] _topic = new byte[64];
        byte[] _head = new byte[Vocabulary.HeaderBytes];
        byte[] _unwanted = new byte[0];

        public PictureReader(ZmtpSocket socket, Pictures pictures, LinkStatus status)
        {
            _socket = socket;
            _pictures = pictures;
            _status = status;
        }

        public void Run()
        {
            while (true)
            {
                bool more;
                _socket.Read(ref _topic, out more);
                if (!more) { continue; }
                int headCount = _socket.Read(ref _head, out more);
                if (!more) { continue; }
                if (_header.Read(_head, 0, headCount) && IsPicture()) { ReadPicture(); }
                else { _socket.Skip(ref _unwanted, true); }
            }
        }

        bool IsPicture()
        {
            if (_header.Kind != Kind.Texture) { return false; }
            if (_header.Codec == Codec.Jpeg)
            {
                _status.Trouble("Another engine has opened this character with JPEG pictures: let it ask for RGBA.");
                return false;
            }
            return _header.Codec == Codec.Rgba && _header.Size > 0
                && _header.Size == (long)_header.WidthPx * _header.HeightPx * 4;
        }

        void ReadPicture()
        {
            Picture picture = _pictures.Take();
            bool whole = false;
            try
            {
                // Exactly as large as the picture: engines take nothing else.
                if (picture.Rgba.Length != _header.Size) { picture.Rgba = new byte[_header.Size]; }
                picture.WidthPx = _header.WidthPx;
                picture.HeightPx = _header.HeightPx;
                picture.Line = _header.Line;
                picture.LineSample = _header.LineSample;
                bool more;
                int count = _socket.Read(ref picture.Rgba, out more);
                _socket.Skip(ref _unwanted, more);
                whole = count == _header.Size && picture.Rgba.Length == count && !more;
            }
            finally { _pictures.Add(picture, whole); }
        }
    }
}
