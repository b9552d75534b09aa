using UnityEngine;

namespace Visavis
{
    /// <summary>
    /// Shows the pictures of a Visavis Source on a renderer's material, and in a RenderTexture. The texture is made
    /// once; its first row is the top of the picture, which Unity takes for the bottom, so it is flipped where it is
    /// drawn: by the scale of the texture coordinates.
    /// </summary>
    [AddComponentMenu("Visavis/Visavis Face Texture")]
    public sealed class VisavisFaceTexture : MonoBehaviour
    {
        /// <summary>Where the face comes from, with Textures on; none: the one beside this component.</summary>
        [Tooltip("Where the face comes from, with Textures on; empty: the Visavis Source beside this component")]
        public VisavisSource source;
        /// <summary>Shows the picture; none: nobody.</summary>
        [Tooltip("Shows the picture")]
        public Renderer targetRenderer;
        /// <summary>The texture of its material: _MainTex (built-in), _BaseMap (URP), _BaseColorMap (HDRP).</summary>
        [Tooltip("_MainTex (built-in shaders), _BaseMap (URP), _BaseColorMap (HDRP)")]
        public string targetMaterialProperty = "_MainTex";
        /// <summary>Gets the picture too, the right way up, for a RawImage for example; none: nobody.</summary>
        [Tooltip("Gets the picture too, the right way up, for a RawImage for example")]
        public RenderTexture targetTexture;

        static readonly Vector2 FlipScale = new Vector2(1.0f, -1.0f);
        static readonly Vector2 FlipOffset = new Vector2(0.0f, 1.0f);
        static readonly Vector4 Flip = new Vector4(1.0f, -1.0f, 0.0f, 1.0f);

        MaterialPropertyBlock _block;
        string _property = "";
        int _textureId, _scaleId;
        long _shown;

        /// <summary>The picture, upside down in Unity's eyes; null before the first.</summary>
        public Texture2D texture { get; private set; }

        void OnEnable()
        {
            if (source == null) { source = GetComponent<VisavisSource>(); }
            if (source != null && !source.textures)
            {
                Debug.LogWarning("Visavis: turn Textures on in the Visavis Source, or there is no picture to show.",
                    this);
            }
        }

        void OnDisable()
        {
            if (texture != null) { Destroy(texture); }
            texture = null;
            _shown = 0;
        }

        void LateUpdate()
        {
            Picture picture = source != null ? source.Picture : null;
            if (picture == null || picture.Number == _shown) { return; }
            _shown = picture.Number;
            Upload(picture);
            if (targetRenderer != null) { Show(); }
            if (targetTexture != null) { Graphics.Blit(texture, targetTexture, FlipScale, FlipOffset); }
        }

        void Upload(Picture picture)
        {
            if (texture != null && (texture.width != picture.WidthPx || texture.height != picture.HeightPx))
            {
                Destroy(texture);
                texture = null;
            }
            if (texture == null)
            {
                texture = new Texture2D(picture.WidthPx, picture.HeightPx, TextureFormat.RGBA32, false)
                {
                    name = "Visavis face", wrapMode = TextureWrapMode.Clamp,
                };
            }
            texture.LoadRawTextureData(picture.Rgba);
            texture.Apply(false);
        }

        void Show()
        {
            if (_property != targetMaterialProperty)
            {
                _property = targetMaterialProperty;
                _textureId = Shader.PropertyToID(_property);
                _scaleId = Shader.PropertyToID(_property + "_ST");
            }
            if (_block == null) { _block = new MaterialPropertyBlock(); }
            targetRenderer.GetPropertyBlock(_block);
            _block.SetTexture(_textureId, texture);
            _block.SetVector(_scaleId, Flip);
            targetRenderer.SetPropertyBlock(_block);
        }
    }
}
